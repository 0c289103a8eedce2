namespace Codat.Native.Interop;

/// <summary>A header that a kernel source includes: the name it is included by, and its text in UTF-8.</summary>
internal readonly record struct KernelHeader(string Name, byte[] Text);
