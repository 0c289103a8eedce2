namespace Codat.Native.Interop;

/// <summary>
/// A named range on a profiler's time line; nothing happens unless a profiler of NVIDIA's has started the process, or
/// <c>CODAT_NVTX=1</c>.
/// </summary>
internal readonly ref struct ProfilerRange : IDisposable
{
    internal const string Variable = "CODAT_NVTX";

    // What the profilers set for the processes they start.
    private const string InjectionVariable = "NVTX_INJECTION64_PATH";

    private readonly bool _open;

    private ProfilerRange(bool open) => _open = open;

    /// <summary>Whether ranges are wanted; false from the first one on where the library is not there.</summary>
    internal static bool IsEnabled { get; set; } =
        IsWanted(Environment.GetEnvironmentVariable(Variable), Environment.GetEnvironmentVariable(InjectionVariable));

    /// <summary>0 and 1 decide; else a profiler's presence does.</summary>
    internal static bool IsWanted(string? own, string? injection) =>
        own is "1" || (own is not "0" && !string.IsNullOrEmpty(injection));

    /// <summary>Opens a range; <paramref name="name"/> is UTF-8 and ends with a zero.</summary>
    internal static unsafe ProfilerRange Open(ReadOnlySpan<byte> name)
    {
        if (!IsEnabled) return default;
        try
        {
            fixed (byte* text = name) _ = NvtxApi.nvtxRangePushA(text);
            return new ProfilerRange(open: true);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or CodatException)
        {
            // A profile without names is better than a run that fails because of them.
            IsEnabled = false;
            return default;
        }
    }

    public void Dispose()
    {
        if (_open) _ = NvtxApi.nvtxRangePop();
    }
}
