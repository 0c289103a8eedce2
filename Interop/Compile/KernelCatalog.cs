using System.Reflection;

namespace Codat.Native.Interop;

/// <summary>Every kernel source embedded in some assemblies.</summary>
internal static class KernelCatalog
{
    private const string AssemblyPrefix = "Codat.Native.";

    /// <summary>The assembly given and those of this library that it references, however far down.</summary>
    internal static IReadOnlyList<Assembly> AssembliesFrom(Assembly root)
    {
        var found = new List<Assembly> { root };
        for (var i = 0; i < found.Count; i++)
        {
            foreach (var name in found[i].GetReferencedAssemblies())
            {
                if (name.Name?.StartsWith(AssemblyPrefix, StringComparison.Ordinal) != true) continue;
                if (!found.Exists(known => known.GetName().Name == name.Name)) found.Add(Assembly.Load(name));
            }
        }
        return found;
    }

    /// <summary>All sources, by assembly and file.</summary>
    internal static IReadOnlyList<KernelSource> Find(IEnumerable<Assembly> assemblies)
    {
        var sources = new List<KernelSource>();
        foreach (var assembly in assemblies)
            foreach (var file in EmbeddedText.KernelFiles(assembly))
                sources.Add(KernelSource.FromResource(assembly, file));
        return sources;
    }
}
