using System.Diagnostics;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The program of docs/embedding.md: a service that owns its context, as a process of its own.</summary>
[CudaFixture]
internal sealed class HostSampleTests
{
    [Test]
    public void Sample_BothModes_AgreeAndLeaveTheServiceAlone()
    {
        if (CudaTestDevice.WhyNot is { } reason) Assert.Ignore(reason);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Codat.Native.HostSample.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CODAT_CACHE_DIR"] = CudaTestDevice.KernelCacheFolder;
        using var process = Process.Start(start)!; // an executable that exists starts
        var errors = process.StandardError.ReadToEndAsync();

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.That(process.ExitCode, Is.Zero, output + errors.Result);
        Assert.That(output, Does.Contain("ForkJoin captured True").And.Contain("Adopt    captured False").And.Contain("as they were"));
    }
}
