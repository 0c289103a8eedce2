namespace Codat.Native.Interop;

/// <summary>
/// A tensor of an operation graph, known to the library by a number; virtual ones never reach memory.
/// </summary>
/// <param name="Id">The number, which a variant pack pairs with an address.</param>
/// <param name="Bytes">The size in memory; 0 for a virtual tensor.</param>
/// <param name="Descriptor">The library's description.</param>
internal sealed record GraphTensor(long Id, long Bytes, BackendDescriptor Descriptor)
{
    internal bool IsVirtual => Bytes == 0;
}
