using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Writes a file of a run whole or not at all.</summary>
internal static class RunFile
{
    /// <summary>
    /// Replaces <paramref name="path"/> by UTF-8 text; a kill at any moment leaves the previous complete file.
    /// </summary>
    internal static void Write(string path, string text) => AtomicFile.WriteAllText(path, text);
}
