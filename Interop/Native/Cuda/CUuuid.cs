using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>The sixteen bytes that name a device for good.</summary>
[InlineArray(16)]
internal struct CUuuid
{
    private byte _first;
}
