namespace Codat.Native.Interop;

/// <summary>A named range on a profiler's time line; nothing happens unless <c>CODAT_NVTX=1</c>.</summary>
internal readonly ref struct ProfilerRange : IDisposable
{
    internal const string Variable = "CODAT_NVTX";

    private static bool s_enabled = Environment.GetEnvironmentVariable(Variable) == "1";
    private readonly bool _open;

    private ProfilerRange(bool open) => _open = open;

    internal static bool IsEnabled => s_enabled;

    /// <summary>Opens a range; <paramref name="name"/> is UTF-8 and ends with a zero.</summary>
    internal static unsafe ProfilerRange Open(ReadOnlySpan<byte> name)
    {
        if (!s_enabled) return default;
        try
        {
            fixed (byte* text = name) _ = NvtxApi.nvtxRangePushA(text);
            return new ProfilerRange(open: true);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or CodatException)
        {
            // A profile without names is better than a run that fails because of them.
            s_enabled = false;
            return default;
        }
    }

    public void Dispose()
    {
        if (_open) _ = NvtxApi.nvtxRangePop();
    }
}
