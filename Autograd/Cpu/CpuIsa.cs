using System.Runtime.Intrinsics.X86;

namespace Codat.Native.Autograd.Cpu;

/// <summary>The vector instruction sets that the compute kernels are built for.</summary>
internal enum CpuIsa
{
    /// <summary>128-bit vectors in portable code; runs everywhere.</summary>
    Portable,

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    Avx2,

    /// <summary>512-bit vectors, 32 registers.</summary>
    Avx512,
}

/// <summary>Finds the instruction set of this machine.</summary>
internal static class CpuIsaInfo
{
    /// <summary>
    /// The environment variable that forces an instruction set: <c>portable</c>, <c>avx2</c> or <c>avx512</c>.
    /// </summary>
    public const string EnvironmentVariable = "CODAT_CPU_ISA";

    /// <summary>The best supported instruction set, or the one forced by <see cref="EnvironmentVariable"/>.</summary>
    public static CpuIsa Best { get; } = Choose(Environment.GetEnvironmentVariable(EnvironmentVariable));

    /// <summary>Whether this machine can run kernels of the instruction set.</summary>
    // Vector512.IsHardwareAccelerated is false by policy on processors that run 512-bit code at full speed; ask for
    // the instructions themselves.
    public static bool IsSupported(CpuIsa isa) => isa switch
    {
        CpuIsa.Portable => true,
        CpuIsa.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        CpuIsa.Avx512 => Avx512F.IsSupported && Avx512DQ.IsSupported,
        _ => false,
    };

    /// <summary>
    /// The instruction set for a forced name, or the best supported one when the name is null or empty.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The name is unknown, or the machine cannot run it.</exception>
    internal static CpuIsa Choose(string? forced)
    {
        if (string.IsNullOrEmpty(forced))
        {
            return IsSupported(CpuIsa.Avx512) ? CpuIsa.Avx512
                : IsSupported(CpuIsa.Avx2) ? CpuIsa.Avx2
                : CpuIsa.Portable;
        }

        if (!Enum.TryParse(forced, ignoreCase: true, out CpuIsa isa) || !IsSupported(isa))
        {
            throw new PlatformNotSupportedException(
                $"{EnvironmentVariable} is '{forced}'; expected portable, avx2 or avx512, if the processor has it.");
        }

        return isa;
    }
}
