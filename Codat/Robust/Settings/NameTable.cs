namespace Codat.Native.Robust;

/// <summary>The one place where the members of an enumeration meet their names on the command line.</summary>
internal sealed class NameTable<T>(params (string Name, T Value)[] rows)
    where T : struct, Enum
{
    private readonly (string Name, T Value)[] _rows = rows;

    /// <summary>All names, as a person reads them: <c>a, b or c</c>.</summary>
    internal string Names
    {
        get
        {
            string[] names = Array.ConvertAll(_rows, row => row.Name);
            return names.Length == 1 ? names[0] : string.Join(", ", names[..^1]) + " or " + names[^1];
        }
    }

    internal T Parse(string text, string where)
    {
        foreach ((string name, T value) in _rows)
        {
            if (name == text) return value;
        }
        throw SettingText.Bad(text, where, Names);
    }

    internal string Print(T value)
    {
        foreach ((string name, T candidate) in _rows)
        {
            if (EqualityComparer<T>.Default.Equals(candidate, value)) return name;
        }
        throw new ArgumentOutOfRangeException(nameof(value), value, "no name for this value");
    }
}
