using System.Runtime.InteropServices;

namespace Codat.Native.HostSample;

/// <summary>An application that was there before: a context of its own, a stream, and batches in device memory.</summary>
internal sealed class Service : IDisposable
{
    public const int Side = 8, Channels = 1, Classes = 4, Batch = 12;

    private const int PixelBytes = Batch * Side * Side * Channels, LabelBytes = Batch * sizeof(int);
    private const uint NonBlocking = 1;

    private readonly nint _staging;
    private uint _state = 1;

    public Service()
    {
        Driver.Check(Driver.cuInit(0), "cuInit");
        Driver.Check(Driver.cuDeviceGet(out var device, 0), "cuDeviceGet");
        Driver.Check(Driver.cuCtxCreate_v2(out var context, 0, device), "cuCtxCreate_v2");
        Context = context; // and current on this thread from now on
        Driver.Check(Driver.cuStreamCreate(out var stream, NonBlocking), "cuStreamCreate");
        Stream = stream;
        Pixels = Allocate(PixelBytes);
        Labels = Allocate(LabelBytes);
        Driver.Check(Driver.cuMemHostAlloc(out _staging, PixelBytes + LabelBytes, 0), "cuMemHostAlloc");
    }

    public nint Context { get; }

    public nint Stream { get; }

    /// <summary>Uint8 images (N,H,W,C).</summary>
    public ulong Pixels { get; }

    /// <summary>Int32 labels.</summary>
    public ulong Labels { get; }

    /// <summary>Starts the same sequence of batches again.</summary>
    public void Rewind() => _state = 1;

    /// <summary>Makes a batch, bright in the quarter of the image that its class names, and uploads it on the stream.</summary>
    public unsafe void NextBatch()
    {
        // The only wait in a step, and this application's own: the last upload may still read the memory.
        Driver.Check(Driver.cuStreamSynchronize(Stream), "cuStreamSynchronize");
        var pixels = new Span<byte>((void*)_staging, PixelBytes);
        var labels = MemoryMarshal.Cast<byte, int>(new Span<byte>((byte*)_staging + PixelBytes, LabelBytes));
        for (var n = 0; n < Batch; n++)
        {
            labels[n] = n % Classes;
            for (var i = 0; i < Side * Side; i++)
            {
                var quarter = i / Side / (Side / 2) * 2 + i % Side / (Side / 2);
                pixels[n * Side * Side + i] = (byte)((quarter == labels[n] ? 120 : 40) + Next() % 100);
            }
        }
        Driver.Check(Driver.cuMemcpyHtoDAsync_v2(Pixels, _staging, PixelBytes, Stream), "cuMemcpyHtoDAsync_v2");
        Driver.Check(Driver.cuMemcpyHtoDAsync_v2(Labels, _staging + PixelBytes, LabelBytes, Stream), "cuMemcpyHtoDAsync_v2");
    }

    /// <summary>Whether context and stream are as they were, and the last batch is in its place.</summary>
    public unsafe bool IsUntouched()
    {
        Driver.Check(Driver.cuCtxGetCurrent(out var current), "cuCtxGetCurrent");
        if (current != Context) return false;
        var expected = new Span<byte>((void*)_staging, PixelBytes).ToArray();
        Driver.Check(Driver.cuMemcpyDtoHAsync_v2(_staging, Pixels, PixelBytes, Stream), "cuMemcpyDtoHAsync_v2");
        Driver.Check(Driver.cuStreamSynchronize(Stream), "cuStreamSynchronize");
        return new Span<byte>((void*)_staging, PixelBytes).SequenceEqual(expected);
    }

    public void Dispose()
    {
        Driver.Check(Driver.cuMemFreeHost(_staging), "cuMemFreeHost");
        Driver.Check(Driver.cuMemFree_v2(Pixels), "cuMemFree_v2");
        Driver.Check(Driver.cuMemFree_v2(Labels), "cuMemFree_v2");
        Driver.Check(Driver.cuStreamDestroy_v2(Stream), "cuStreamDestroy_v2");
        Driver.Check(Driver.cuCtxDestroy_v2(Context), "cuCtxDestroy_v2");
    }

    private static ulong Allocate(int bytes)
    {
        Driver.Check(Driver.cuMemAlloc_v2(out var address, (nuint)bytes), "cuMemAlloc_v2");
        return address;
    }

    private byte Next() => (byte)((_state = _state * 1664525 + 1013904223) >> 24);
}
