namespace Codat.Native.Autograd.Cpu;

/// <summary>Sizes of scratch memory.</summary>
internal static class CpuMemory
{
    /// <summary>Rounds up to whole cache lines, so that workers do not share one.</summary>
    public static nint Align(nint bytes) => (bytes + 63) & ~(nint)63;
}
