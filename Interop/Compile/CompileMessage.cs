namespace Codat.Native.Interop;

/// <summary>One message of a compiler's log.</summary>
/// <param name="File">The file it names; empty where it names none.</param>
/// <param name="Line">The line, counted from 1; 0 where it names none.</param>
/// <param name="IsError">False for a warning.</param>
/// <param name="Text">What it says.</param>
internal readonly record struct CompileMessage(string File, int Line, bool IsError, string Text);
