namespace Codat.Native.Interop;

/// <summary>Driver functions newer or older than the supported floor, asked for once in the loaded driver.</summary>
internal static class CudaCapabilities
{
    /// <summary>The symbol that a CUDA 13 header no longer has; the driver keeps it so far.</summary>
    public static bool HasEventElapsedTime { get; } = Has("cuEventElapsedTime");

    /// <summary>Its successor, from driver 12.8.</summary>
    public static bool HasEventElapsedTime2 { get; } = Has("cuEventElapsedTime_v2");

    /// <summary>Bringing one kernel onto the device before its first launch, from driver 12.4.</summary>
    public static bool HasFuncLoad { get; } = Has("cuFuncLoad");

    /// <summary>Event records that stay visible inside a graph.</summary>
    public static bool HasEventRecordWithFlags { get; } = Has("cuEventRecordWithFlags");

    /// <summary>Stream identifiers, for messages and profiles.</summary>
    public static bool HasStreamGetId { get; } = Has("cuStreamGetId");

    /// <summary>Whether modules are loaded kernel by kernel.</summary>
    public static bool HasModuleGetLoadingMode { get; } = Has("cuModuleGetLoadingMode");

    /// <summary>Launches whose blocks can all wait for one another.</summary>
    public static bool HasLaunchCooperativeKernel { get; } = Has("cuLaunchCooperativeKernel");

    /// <summary>Taking over another graph's parameters into an executable one.</summary>
    public static bool HasGraphExecUpdate { get; } = Has("cuGraphExecUpdate_v2");

    private static bool Has(string symbol) => LibraryResolver.TryGetExport(LibraryNames.Cuda, symbol, out _);
}
