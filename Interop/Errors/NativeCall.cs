using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>Turns what a failed native call left behind into text.</summary>
internal static unsafe class NativeCall
{
    /// <summary>The function's name out of the expression that called it: <c>Api.f(a, b)</c> gives <c>f</c>.</summary>
    internal static string Name(string? expression)
    {
        if (string.IsNullOrEmpty(expression)) return "a native call";
        var end = expression.IndexOf('(', StringComparison.Ordinal);
        var head = (end < 0 ? expression : expression[..end]).Trim();
        var text = head[(head.LastIndexOf('.') + 1)..];
        return text.Length == 0 ? "a native call" : text;
    }

    /// <summary>A zero-terminated text of the library's own, or an empty one.</summary>
    internal static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
