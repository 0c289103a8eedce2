using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Codat.Native.Tests;

/// <summary>Types, parameters and constants as C# would write them, with full names.</summary>
internal static class ApiNames
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool",
        [typeof(char)] = "char", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short",
        [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long",
        [typeof(ulong)] = "ulong", [typeof(nint)] = "nint", [typeof(float)] = "float", [typeof(double)] = "double",
    };

    /// <summary>A type where it is used.</summary>
    public static string Of(Type type)
    {
        if (s_keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsByRef || type.IsPointer) return Of(type.GetElementType()!) + (type.IsByRef ? "&" : "*");
        if (type.IsArray) return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsGenericParameter) return type.Name;
        return Nullable.GetUnderlyingType(type) is { } value ? Of(value) + "?" : Full(type);
    }

    /// <summary>A type's own name: namespace, enclosing types, type arguments.</summary>
    public static string Full(Type type)
    {
        string name = type.Name.Split('`')[0];
        int outer = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string prefix = type.DeclaringType is { } owner ? Full(owner) : type.Namespace!;
        return $"{prefix}.{name}{Arguments(type.GetGenericArguments()[outer..])}";
    }

    public static string Of(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        string passed = !type.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in "
            : parameter.IsDefined(typeof(IsReadOnlyAttribute)) ? "ref readonly " : "ref ";
        string many = parameter.IsDefined(typeof(ParamArrayAttribute))
            || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        string text = passed + many + Of(type.IsByRef ? type.GetElementType()! : type);
        if (parameter.Position < 0) return text;
        string value = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "";
        return $"{text} {parameter.Name}{value}";
    }

    public static string Arguments(Type[] arguments) =>
        arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Of))}>";

    public static string Constraints(Type[] arguments) => string.Concat(arguments.Select(Constraint));

    public static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Constraint(Type argument)
    {
        if (!argument.IsGenericParameter) return "";
        var attributes = argument.GenericParameterAttributes;
        List<string> parts = [.. argument.GetGenericParameterConstraints().Select(Of).Order(StringComparer.Ordinal)];
        bool isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (isStruct) parts.Insert(0, "struct");
        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) parts.Insert(0, "class");
        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) parts.Add("new()");
        return parts.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", parts)}";
    }
}
