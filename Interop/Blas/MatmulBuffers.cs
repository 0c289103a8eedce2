using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>The memory one product reads and writes.</summary>
internal readonly record struct MatmulBuffers
{
    /// <summary>The left factor.</summary>
    public DeviceSpan<byte> A { get; init; }

    /// <summary>The right factor.</summary>
    public DeviceSpan<byte> B { get; init; }

    /// <summary>The result.</summary>
    public DeviceSpan<byte> D { get; init; }

    /// <summary>The bias, or where its gradient goes.</summary>
    public DeviceSpan<byte> Bias { get; init; }

    /// <summary>The bit mask of what was positive.</summary>
    public DeviceSpan<byte> Mask { get; init; }

    /// <summary>Scratch memory.</summary>
    public DeviceSpan<byte> Workspace { get; init; }

    /// <summary>Throws where a buffer is too small or not aligned as the specification says.</summary>
    internal static void Check(in MatmulSpec spec, in MatmulBuffers buffers)
    {
        Check("A", buffers.A, spec.BytesA, spec.Alignment, spec);
        Check("B", buffers.B, spec.BytesB, spec.Alignment, spec);
        Check("D", buffers.D, spec.BytesD, spec.Alignment, spec);
        Check("bias", buffers.Bias, spec.BytesBias, spec.Alignment, spec);
        Check("mask", buffers.Mask, spec.MaskBytes, spec.Alignment, spec);
    }

    private static void Check(string name, DeviceSpan<byte> buffer, long bytes, int alignment, in MatmulSpec spec)
    {
        if (buffer.Length >= bytes && (bytes == 0 || buffer.Address % (ulong)alignment == 0)) return;
        throw new CodatException($"buffer {name} does not fit the matrix product", spec.ToString(),
            string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes at a multiple of {alignment}"),
            string.Create(CultureInfo.InvariantCulture, $"{buffer.Length:N0} bytes at 0x{buffer.Address:x}"),
            isUsage: false);
    }
}
