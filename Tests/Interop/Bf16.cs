namespace Codat.Native.Tests;

/// <summary>Brain floats as their bits: the upper half of a float.</summary>
internal static class Bf16
{
    internal static ushort[] From(float[] values) =>
        Array.ConvertAll(values, v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16));

    internal static float[] ToFloats(ushort[] values) =>
        Array.ConvertAll(values, v => BitConverter.UInt32BitsToSingle((uint)v << 16));
}
