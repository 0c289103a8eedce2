using System.Reflection;
using System.Runtime.CompilerServices;

namespace Codat.Native.Tests;

/// <summary>The public surface of an assembly: sorted lines, one for each type and member other code can see.</summary>
/// <remarks>Nullability of references is not part of the text; everything a caller's compiled code depends on is.</remarks>
internal static class ApiText
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    public static string[] Of(Assembly assembly) => Of(assembly.GetTypes());

    public static string[] Of(IEnumerable<Type> types) =>
        [.. types.Where(IsVisible).SelectMany(Lines).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(Type type)
    {
        string name = ApiNames.Full(type);
        yield return $"{name}: {Kind(type)}{Bases(type)}{ApiNames.Constraints(type.GetGenericArguments())}";
        if (typeof(Delegate).IsAssignableFrom(type)) yield break;
        foreach (var member in type.GetMembers(Declared))
            if (Line(member) is { } line) yield return $"{name}.{line}";
    }

    private static string? Line(MemberInfo member)
    {
        // Names with '<' are the compiler's own: backing fields, clones of records.
        if (member.Name.Contains('<', StringComparison.Ordinal)) return null;
        return member switch
        {
            ConstructorInfo c when IsVisible(c) && !c.IsStatic => $"new({Parameters(c)})",
            MethodInfo m when IsVisible(m) && !IsAccessor(m) => Line(m),
            PropertyInfo p => Line(p),
            FieldInfo f when (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly) && !f.IsSpecialName => Line(f),
            EventInfo e when IsVisible(e.AddMethod) =>
                $"{e.Name}: {Modifiers(e.AddMethod!)}event {ApiNames.Of(e.EventHandlerType!)}",
            _ => null,
        };
    }

    private static string Line(MethodInfo method) =>
        $"{method.Name}{ApiNames.Arguments(method.GetGenericArguments())}({Parameters(method)}): {Modifiers(method)}"
        + ApiNames.Of(method.ReturnParameter) + ApiNames.Constraints(method.GetGenericArguments());

    private static string? Line(PropertyInfo property)
    {
        var (get, set) = (property.GetMethod, property.SetMethod);
        var shown = IsVisible(get) ? get : IsVisible(set) ? set : null;
        if (shown is null) return null;
        string index = property.GetIndexParameters() is { Length: > 0 } at
            ? $"[{string.Join(", ", at.Select(ApiNames.Of))}]"
            : "";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string accessors = (IsVisible(get) ? "get; " : "") + (IsVisible(set) ? IsInit(set!) ? "init; " : "set; " : "");
        string type = required + ApiNames.Of(property.PropertyType);
        return $"{property.Name}{index}: {Modifiers(shown)}{type} {{ {accessors}}}";
    }

    private static string Line(FieldInfo field)
    {
        string type = ApiNames.Of(field.FieldType);
        string modifiers = (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        if (!field.IsLiteral) return $"{field.Name}: {modifiers}{type}";
        return $"{field.Name}: const {type} = {ApiNames.Value(field.GetRawConstantValue())}";
    }

    private static string Parameters(MethodBase method)
    {
        string list = string.Join(", ", method.GetParameters().Select(ApiNames.Of));
        return method.IsDefined(typeof(ExtensionAttribute)) ? "this " + list : list;
    }

    private static string Kind(Type type)
    {
        if (type.IsEnum) return $"enum {ApiNames.Of(type.GetEnumUnderlyingType())}";
        if (type.IsInterface) return "interface";
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {ApiNames.Of(invoke.ReturnParameter)} ({Parameters(invoke)})";
        }
        if (type.IsValueType)
        {
            return (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "")
                + "struct";
        }
        string modifiers = type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : "";
        return (type.IsSealed && !type.IsAbstract ? "sealed " : modifiers) + "class";
    }

    private static string Bases(Type type)
    {
        if (type.IsEnum || typeof(Delegate).IsAssignableFrom(type)) return "";
        var bases = type.GetInterfaces().Where(i => i.IsVisible).Select(ApiNames.Of).Order(StringComparer.Ordinal);
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object))
            bases = bases.Prepend(ApiNames.Of(parent)).Order(StringComparer.Ordinal);
        string list = string.Join(", ", bases);
        return list.Length == 0 ? "" : " : " + list;
    }

    private static string Modifiers(MethodBase method)
    {
        string access = method.IsPublic ? "" : "protected ";
        if (method.IsStatic) return access + "static ";
        if (method.DeclaringType!.IsInterface) return access;
        if (method.IsAbstract) return access + "abstract ";
        if (method is not MethodInfo { IsVirtual: true } own) return access;
        bool overrides = own.GetBaseDefinition().DeclaringType != own.DeclaringType;
        if (method.IsFinal) return access + (overrides ? "sealed override " : "");
        return access + (overrides ? "override " : "virtual ");
    }

    private static bool IsVisible(Type type) =>
        !type.Name.Contains('<', StringComparison.Ordinal)
        && (type.IsNested
            ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
            : type.IsPublic);

    private static bool IsVisible(MethodBase? method) =>
        method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsInit(MethodInfo set) =>
        set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
}
