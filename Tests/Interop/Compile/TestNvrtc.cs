using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The true NVRTC for tests; <c>Tests/Nvrtc/fetch OUT</c> gets one where there is no CUDA.</summary>
internal static class TestNvrtc
{
    private const string PathVariable = "CODAT_NVRTC_TEST_PATH";
    private const string SimulationSymbol = "codatSimReport";

    /// <summary>
    /// The compiler; where there is none, or only a simulated one, the fixture is ignored with the reason.
    /// </summary>
    internal static NvrtcCompiler Require()
    {
        PointTheSearchAt(Environment.GetEnvironmentVariable(PathVariable));
        var compiler = NvrtcCompiler.Find(out var reason);
        if (compiler is null)
            Assert.Ignore($"no NVRTC; Tests/Nvrtc/fetch OUT gets one, {PathVariable}=OUT names it. {reason?.Message}");
        if (LibraryResolver.TryGetExport(LibraryNames.Nvrtc, SimulationSymbol, out _))
            Assert.Ignore("this process has a simulated NVRTC");
        return compiler!; // the test is ignored without one
    }

    // The search is fixed once a library is loaded; then the one that was found is used.
    private static void PointTheSearchAt(string? folder)
    {
        if (string.IsNullOrEmpty(folder)) return;
        try
        {
            NativeLibraries.Configure(new NativeLibraryOptions { Folders = [folder] });
        }
        catch (Exception e) when (e is InvalidOperationException or CodatException)
        {
            TestContext.Out.WriteLine($"{PathVariable} comes too late: {e.Message}");
        }
    }
}
