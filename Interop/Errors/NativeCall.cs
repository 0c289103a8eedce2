using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>Turns what a failed native call left behind into text.</summary>
internal static unsafe class NativeCall
{
    /// <summary>
    /// The function's name out of the expression that called it: <c>SomeApi.f(a, b)</c> gives <c>f</c>; anything else
    /// is a description already.
    /// </summary>
    internal static string Name(string? expression)
    {
        const string Class = "Api.";
        if (string.IsNullOrWhiteSpace(expression)) return "a native call";
        var text = expression.Trim();
        var end = text.IndexOf('(', StringComparison.Ordinal);
        var start = text.IndexOf(Class, StringComparison.Ordinal);
        return start >= 0 && start < end ? text[(start + Class.Length)..end] : text;
    }

    /// <summary>A zero-terminated text of the library's own, or an empty one.</summary>
    internal static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
