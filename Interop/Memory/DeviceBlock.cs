namespace Codat.Native.Interop;

/// <summary>A piece of device memory as a resource hands it out; owns nothing by itself.</summary>
/// <param name="Address">The device address.</param>
/// <param name="Bytes">The number of bytes asked for.</param>
public readonly record struct DeviceBlock(ulong Address, nuint Bytes)
{
    /// <summary>Alignment of every block in bytes.</summary>
    public const int Alignment = 256;

    internal CUdeviceptr Pointer => new(Address);

    /// <summary>A size that keeps the next block aligned; never zero.</summary>
    internal static nuint RoundUp(nuint bytes, nuint granularity = Alignment) =>
        checked(Math.Max(bytes, 1) + (granularity - 1)) / granularity * granularity;
}
