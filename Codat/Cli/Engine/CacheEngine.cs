using System.Text.Json.Nodes;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary>Compiled kernels: making them ahead of use, listing and removing them.</summary>
internal static class CacheEngine
{
    // What most machines that train have, where there is no GPU to ask.
    private static readonly int[] s_usual = [80, 90];

    public static JsonObject Build(IReadOnlyList<int>? architectures, IProgressView view,
        CancellationToken cancellation)
    {
        var compiler = NvrtcCompiler.Get();
        var chosen = architectures ?? OfDevices() ?? s_usual;
        foreach (int architecture in chosen)
        {
            if (compiler.Architectures.Contains(architecture)) continue;
            throw new CodatException("the compiler does not know an architecture", "--arch",
                $"one of {string.Join(",", compiler.Architectures)}", $"{architecture}",
                $"use another version than NVRTC {compiler.VersionText}");
        }
        var sources = KernelCatalog.Find(KernelCatalog.AssembliesFrom(typeof(CacheEngine).Assembly));
        var result = CacheBuilder.Build(sources, chosen, new CubinCache(), compiler,
            (what, done, total) => view.Progress($"compile {what}", done, total), cancellation);
        return new JsonObject
        {
            ["folder"] = result.Folder,
            ["nvrtc"] = result.Nvrtc,
            ["arch"] = new JsonArray([.. result.Architectures.Select(a => JsonValue.Create(a))]),
            ["kernels"] = result.Kernels,
            ["built"] = result.Built,
            ["fromCache"] = result.FromCache,
            ["failed"] = new JsonArray([.. result.Failed.Select(f => new JsonObject
            {
                ["source"] = f.Source, ["entry"] = f.Entry, ["arch"] = f.Arch, ["log"] = f.Log,
            })]),
            ["files"] = Files(result.Files),
        };
    }

    public static JsonObject List()
    {
        var cache = new CubinCache();
        var entries = cache.List();
        return new JsonObject
        {
            ["folder"] = cache.Folder,
            ["bytes"] = entries.Sum(entry => entry.Bytes),
            ["files"] = Files(entries),
        };
    }

    public static JsonObject Clear()
    {
        var cache = new CubinCache();
        return new JsonObject { ["folder"] = cache.Folder, ["removed"] = cache.Clear() };
    }

    private static JsonArray Files(IEnumerable<CubinCacheEntry> entries) => new([.. entries.Select(entry =>
        new JsonObject
        {
            ["path"] = entry.Path, ["arch"] = entry.Architecture, ["source"] = entry.Source, ["bytes"] = entry.Bytes,
        })]);

    private static int[]? OfDevices()
    {
        try
        {
            int[] found = [.. CudaDriver.GetDevices().Select(d => d.ComputeCapability).Distinct().Order()];
            return found.Length == 0 ? null : found;
        }
        catch (CodatException)
        {
            // No driver: kernels are made here for another machine.
            return null;
        }
    }
}
