namespace Codat.Native.Layers;

/// <summary>Sizes, names and managed twins of the element types.</summary>
internal static class SafeTensorTypes
{
    public static int SizeOf(SafeTensorType type) => type switch
    {
        SafeTensorType.BOOL or SafeTensorType.U8 or SafeTensorType.I8 => 1,
        SafeTensorType.U16 or SafeTensorType.I16 or SafeTensorType.F16 or SafeTensorType.BF16 => 2,
        SafeTensorType.U32 or SafeTensorType.I32 or SafeTensorType.F32 => 4,
        SafeTensorType.U64 or SafeTensorType.I64 or SafeTensorType.F64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };

    public static bool TryParse(ReadOnlySpan<char> name, out SafeTensorType type)
    {
        foreach (var candidate in Enum.GetValues<SafeTensorType>())
        {
            if (!name.SequenceEqual(candidate.ToString())) continue;
            type = candidate;
            return true;
        }

        type = default;
        return false;
    }

    /// <summary>True where the elements of a managed type have the size and meaning of the file's; byte also reads
    /// BOOL.</summary>
    public static bool Matches<T>(SafeTensorType type) where T : unmanaged => type switch
    {
        SafeTensorType.BOOL => typeof(T) == typeof(byte),
        SafeTensorType.U8 => typeof(T) == typeof(byte),
        SafeTensorType.I8 => typeof(T) == typeof(sbyte),
        SafeTensorType.U16 => typeof(T) == typeof(ushort),
        SafeTensorType.I16 => typeof(T) == typeof(short),
        SafeTensorType.F16 => typeof(T) == typeof(Half),
        SafeTensorType.BF16 => typeof(T) == typeof(ushort),
        SafeTensorType.U32 => typeof(T) == typeof(uint),
        SafeTensorType.I32 => typeof(T) == typeof(int),
        SafeTensorType.F32 => typeof(T) == typeof(float),
        SafeTensorType.U64 => typeof(T) == typeof(ulong),
        SafeTensorType.I64 => typeof(T) == typeof(long),
        SafeTensorType.F64 => typeof(T) == typeof(double),
        _ => false,
    };
}
