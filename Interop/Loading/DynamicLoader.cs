using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

internal static unsafe partial class DynamicLoader
{
    /// <summary>A handle to a library the process has loaded already, by its file name; 0 if it has not.</summary>
    public static nint FindLoaded(string fileName)
    {
        if (OperatingSystem.IsLinux()) return FindLoadedLinux(fileName);
        if (!OperatingSystem.IsWindows()) return 0;
        fixed (char* text = fileName) return GetModuleHandleW(text);
    }

    /// <summary>Makes a loaded library's symbols visible to all that are loaded later; only Linux needs it.</summary>
    public static bool Promote(string path) => OperatingSystem.IsLinux() && PromoteLinux(path);

    [LibraryImport("kernel32.dll")]
    private static partial nint GetModuleHandleW(char* name);
}
