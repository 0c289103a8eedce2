using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A machine with a simulated CUDA that lacks something: libraries, a device, memory, a writable cache.</summary>
internal sealed class SimulatedMachine : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];

    public SimulatedMachine()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a true machine cannot be taken apart");
        // Kernels are compiled once for all tests; no test may write among those of another.
        Set("CODAT_CACHE_DIR", Directory.CreateDirectory(_folder.File("cache")).FullName);
    }

    public string Folder => _folder.Path;

    public string File(string name) => _folder.File(name);

    public SimulatedMachine Set(string variable, string value)
    {
        _variables[variable] = value;
        return this;
    }

    /// <summary>Takes libraries away, by the beginning of their file names.</summary>
    public SimulatedMachine Without(params string[] libraries)
    {
        var all = Environment.GetEnvironmentVariable(LocatorEnvironment.PathVariable)!; // a simulated CUDA comes from there
        var own = Directory.CreateDirectory(_folder.File("libraries")).FullName;
        foreach (var path in Directory.GetFiles(all, "lib*"))
        {
            var name = Path.GetFileName(path);
            if (!libraries.Any(l => name.StartsWith(l, StringComparison.Ordinal)))
                System.IO.File.CreateSymbolicLink(Path.Combine(own, name), path);
        }
        return Set(LocatorEnvironment.PathVariable, own);
    }

    /// <summary>Runs <c>codat</c> there.</summary>
    public CliRun Run(params string[] arguments)
    {
        using var process = CodatProcess.StartWith([.. _variables.Select(v => (v.Key, v.Value))], arguments);
        var code = process.Wait();
        return new CliRun(code, process.Output, process.Error);
    }

    public void Dispose() => _folder.Dispose();
}
