using System.Collections.Concurrent;
using System.Reflection;
using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Kernel sources embedded in our assemblies, each read and hashed once.</summary>
internal static class KernelSources
{
    private static readonly ConcurrentDictionary<(Assembly, string), KernelSource> s_sources = new();

    public static KernelSource Get(Assembly assembly, string file) =>
        s_sources.GetOrAdd((assembly, file), static key => KernelSource.FromResource(key.Item1, key.Item2));
}
