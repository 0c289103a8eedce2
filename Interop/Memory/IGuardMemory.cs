namespace Codat.Native.Interop;

/// <summary>Filling and reading memory from the host, as guards need it; tests have one over host memory.</summary>
internal interface IGuardMemory
{
    void Fill(in DeviceBlock block, byte value, CudaStream stream);

    void Read(in DeviceBlock block, Span<byte> to, CudaStream stream);
}
