using System.Reflection;
using System.Runtime.InteropServices;
using Codat.Native.Interop;

namespace Codat.Native.Perf;

/// <summary>Every function that is bound, asked of the libraries that were found.</summary>
internal static class NativeExports
{
    private const string LogicalPrefix = "codat.";

    /// <summary>Writes a line per library and one per function it lacks.</summary>
    /// <returns>Whether every library was found and none lacks a function.</returns>
    public static bool Write(TextWriter output)
    {
        var complete = true;
        foreach (var library in Bound())
        {
            if (!LibraryResolver.IsLoaded(library.Key) && LibraryResolver.Loader.TryLoad(library.Key, out var error) == 0)
            {
                output.WriteLine($"{library.Key}: not found. {error}");
                // The profiler's library is the only one that nobody needs.
                complete &= library.Key == LibraryNames.Nvtx;
                continue;
            }
            var names = library.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
            string[] missing = [.. names.Where(n => !LibraryResolver.TryGetExport(library.Key, n, out _))];
            output.WriteLine($"{library.Key}: {names.Length - missing.Length} of {names.Length} bound functions exported");
            foreach (var name in missing) output.WriteLine($"  lacks {name}");
            complete &= missing.Length == 0;
        }
        return complete;
    }

    // The generator turns every declaration into a plain import, sometimes inside of the method.
    private static IEnumerable<IGrouping<string, string>> Bound() => typeof(CudaContext).Assembly.GetTypes()
        .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Select(m => (Method: m, Import: m.GetCustomAttribute<DllImportAttribute>()))
        .Where(m => m.Import?.Value.StartsWith(LogicalPrefix, StringComparison.Ordinal) == true)
        .GroupBy(m => m.Import?.Value ?? "", m => m.Import?.EntryPoint ?? m.Method.Name, StringComparer.Ordinal)
        .OrderBy(g => g.Key, StringComparer.Ordinal);
}
