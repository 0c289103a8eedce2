namespace Codat.Native.Interop;

/// <summary>A kernel's machine code, or PTX.</summary>
internal sealed record KernelImage(byte[] Bytes, KernelOrigin Origin, CubinKey Key);
