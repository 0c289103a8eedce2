using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>
/// Turns the logical names of this assembly's native declarations into loaded libraries: its one resolver.
/// </summary>
internal static class LibraryResolver
{
    private static readonly LibraryLoader s_loader =
        new(options => LocatorEnvironment.Current(options.Folders), new SystemLoader());

    /// <summary>The process's loader.</summary>
    internal static LibraryLoader Loader => s_loader;

    /// <summary>Whether a library is loaded; looks for nothing.</summary>
    internal static bool IsLoaded(string logicalName) => s_loader.IsLoaded(logicalName);

    /// <summary>The handle of a library, or the error with the whole search in it.</summary>
    /// <exception cref="NativeLibraryNotFoundException">It is nowhere to be found, or could not be used.</exception>
    internal static nint Load(string logicalName) => s_loader.Load(logicalName);

    /// <summary>Whether a library is there and has a function: guards what is newer than the supported floor.</summary>
    internal static bool TryGetExport(string logicalName, string symbol, out nint address)
    {
        address = 0;
        nint handle = s_loader.TryLoad(logicalName, out _);
        return handle != 0 && NativeLibrary.TryGetExport(handle, symbol, out address);
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "An assembly has one resolver, which must be there before the first native call.")]
    internal static void Install() =>
        NativeLibrary.SetDllImportResolver(typeof(LibraryResolver).Assembly,
            static (name, _, _) => NativeLibraryCatalog.Contains(name) ? Load(name) : 0);
}
