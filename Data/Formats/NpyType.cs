namespace Codat.Native.Data;

/// <summary>Element types of <see cref="NpyArray"/>, all little endian on disk.</summary>
public enum NpyType
{
    /// <summary>Unsigned byte, <c>|u1</c>.</summary>
    UInt8,

    /// <summary>32-bit integer, <c>&lt;i4</c>.</summary>
    Int32,

    /// <summary>64-bit integer, <c>&lt;i8</c>.</summary>
    Int64,

    /// <summary>32-bit float, <c>&lt;f4</c>.</summary>
    Float32,

    /// <summary>64-bit float, <c>&lt;f8</c>.</summary>
    Float64,
}
