namespace Codat.Native.Autograd;

/// <summary>Element types of tensors.</summary>
public enum DType : byte
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary64: gradient checks, class risks and class weights.</summary>
    Float64,

    /// <summary>Signed 32-bit integer: labels, sample ids, counters.</summary>
    Int32,

    /// <summary>Unsigned byte: stored images.</summary>
    UInt8,

    /// <summary>
    /// The upper half of a binary32: values inside plans of mixed precision, which a device puts there by itself.
    /// </summary>
    BFloat16,
}

/// <summary>Sizes and checks for <see cref="DType"/>.</summary>
public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 => 8,
        DType.UInt8 => 1,
        DType.BFloat16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>True for the types gradients flow through: graphs are written in them.</summary>
    public static bool IsFloating(this DType type) => type is DType.Float32 or DType.Float64;

    /// <summary>The element type of a managed type.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static DType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32 :
        typeof(T) == typeof(double) ? DType.Float64 :
        typeof(T) == typeof(int) ? DType.Int32 :
        typeof(T) == typeof(byte) ? DType.UInt8 :
        throw new NotSupportedException($"no tensor element type for {typeof(T)}");
}
