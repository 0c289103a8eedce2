using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>The variants our kernels are compiled in.</summary>
internal static class CudaVariants
{
    /// <summary>
    /// Products and sums round apart, as they do on the host; where one rounding is wanted, the source says fma.
    /// </summary>
    public static CompileOptions Exact => new() { FuseMultiplyAdd = false };

    /// <summary>The variant for an element type.</summary>
    /// <exception cref="NotSupportedException">It is not a floating-point type.</exception>
    public static CompileOptions For(DType type) => Exact.Define("ELEMENT", Name(type));

    /// <summary>The variant that reads one element type and writes another.</summary>
    /// <exception cref="NotSupportedException">They are not floating-point types.</exception>
    public static CompileOptions Between(DType from, DType to) =>
        For(from == to ? from : DType.BFloat16).Define("FROM", Name(from)).Define("TO", Name(to));

    /// <summary>Elements in a pack of 16 bytes.</summary>
    public static int Wide(DType type) => 16 / type.Size();

    /// <summary>True where packs of 16 bytes may be read and written at all these addresses.</summary>
    public static bool AreAligned(params ReadOnlySpan<ulong> addresses)
    {
        ulong all = 0;
        foreach (var address in addresses) all |= address;
        return all % 16 == 0;
    }

    private static string Name(DType type) => type switch
    {
        DType.Float32 => "float",
        DType.Float64 => "double",
        DType.BFloat16 => "bf16",
        _ => throw new NotSupportedException($"floating-point elements wanted, found {type}"),
    };
}
