using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>What the system's loaders can do and <see cref="NativeLibrary"/> does not offer.</summary>
internal static unsafe partial class DynamicLoader
{
    private const int Lazy = 0x1;
    private const int NoLoad = 0x4;
    private const int Global = 0x100;

    private const string C = "libc.so.6";
    private const string OldC = "libdl.so.2";

    /// <summary>A handle to a library the process has loaded already; 0 if it has not.</summary>
    private static nint FindLoadedLinux(string fileName) => Open(fileName, Lazy | NoLoad);

    /// <summary>Opens a library again so that its symbols are visible to all that are loaded later.</summary>
    private static bool PromoteLinux(string path) => Open(path, Lazy | Global) != 0;

    private static nint Open(string name, int flags)
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(name + '\0');
        fixed (byte* bytes = text)
        {
            try
            {
                return dlopen(bytes, flags);
            }
            catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
            {
                return OpenOld(bytes, flags);
            }
        }
    }

    private static nint OpenOld(byte* name, int flags)
    {
        try
        {
            return dlopen_old(name, flags);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library: what is loaded cannot be told, and the other steps of a search go on.
            return 0;
        }
    }

    [LibraryImport(C)]
    private static partial nint dlopen(byte* name, int flags);

    // Up to glibc 2.33 it lived in a library of its own.
    [LibraryImport(OldC, EntryPoint = "dlopen")]
    private static partial nint dlopen_old(byte* name, int flags);
}
