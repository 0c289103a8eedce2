using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Tests that call CUDA: on a device, or on the simulated one that CODAT_CUDA_LIBRARY_PATH names. Skipped with the reason where there is neither.
/// </summary>
/// <remarks>Every test ends with nothing parked and nothing left alive in the context.</remarks>
[CudaFixture]
internal abstract class CudaFixture
{
    private CudaContext? _context;

    /// <summary>What the fixture needs beside the driver.</summary>
    protected virtual CudaComponents Needed => CudaComponents.Driver;

    protected CudaContext Context => _context ?? throw new InvalidOperationException("no test is running");

    protected CudaStream Stream { get; private set; } = null!;

    [OneTimeSetUp]
    public void RequireCuda()
    {
        var availability = CudaAvailability.Probe(Needed);
        if (!availability.IsAvailable) Assert.Ignore(availability.Reason);
    }

    [SetUp]
    public void EnterCuda()
    {
        SimulatedDriver.Reset();
        _context = CudaContext.RetainPrimary();
        Stream = CudaStream.Create(_context);
    }

    [TearDown]
    public void LeaveCuda()
    {
        if (_context is null) return;
        Stream.Dispose();
        try
        {
            _context.Drain();
            Assert.That(_context.LiveObjects, Is.Zero, "native objects left alive");
        }
        finally
        {
            _context.Dispose();
            _context = null;
        }
        Assert.That(SimulatedDriver.Problems(), Is.Empty);
    }

    protected DeviceBuffer Upload<T>(params T[] values) where T : unmanaged
    {
        var buffer = DeviceBuffer.Allocate<T>(new DriverMemoryResource(Context), values.Length, Stream);
        Stream.Upload(values, buffer.As<T>());
        return buffer;
    }

    protected T[] Download<T>(DeviceBuffer buffer, CudaStream? stream = null) where T : unmanaged
    {
        var values = new T[buffer.As<T>().Length];
        (stream ?? Stream).Download(buffer.As<T>(), values);
        return values;
    }
}
