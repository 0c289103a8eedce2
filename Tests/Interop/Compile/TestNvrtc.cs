using System.Runtime.CompilerServices;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The true NVRTC for tests; <c>Tests/Nvrtc/fetch OUT</c> gets one where there is no CUDA.</summary>
internal static class TestNvrtc
{
    private const string PathVariable = "CODAT_NVRTC_TEST_PATH";
    private const string SimulationSymbol = "codatSimReport";

    /// <summary>Runs before anything looks for a library: the first search fixes where all of them look.</summary>
    [ModuleInitializer]
    internal static void PointTheSearchAtIt()
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(NativeLibraries.PathVariable))) return;
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } folder)
            Environment.SetEnvironmentVariable(NativeLibraries.PathVariable, folder);
    }

    /// <summary>
    /// The compiler; where there is none, or only a simulated one, the fixture is ignored with the reason.
    /// </summary>
    internal static NvrtcCompiler Require()
    {
        var compiler = NvrtcCompiler.Find(out var reason);
        if (compiler is null)
            Assert.Ignore($"no NVRTC; Tests/Nvrtc/fetch OUT gets one, {PathVariable}=OUT names it. {reason?.Message}");
        if (LibraryResolver.TryGetExport(LibraryNames.Nvrtc, SimulationSymbol, out _))
            Assert.Ignore("this process has a simulated NVRTC");
        return compiler!; // the test is ignored without one
    }
}
