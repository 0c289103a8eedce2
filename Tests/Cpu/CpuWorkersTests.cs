using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The worker threads of the compute kernels.</summary>
[TestFixture]
internal sealed unsafe class CpuWorkersTests
{
    private static CpuWorkers? s_nested;

    [Test]
    public void Run_ManyTiles_EachRunsOnce([Values(1, 2, 4)] int threads, [Values(0, 1, 2, 3, 100, 1000)] int tiles)
    {
        using CpuWorkers workers = new(threads);
        int* counts = stackalloc int[1000];
        new Span<int>(counts, 1000).Clear();

        for (int round = 0; round < 50; round++)
        {
            workers.Run(tiles, &Count, counts);
        }

        for (int i = 0; i < 1000; i++)
        {
            Assert.That(counts[i], Is.EqualTo(i < tiles ? 50 : 0), $"tile {i}");
        }
    }

    [Test]
    public void Run_AfterWarmUp_AllocatesNothing([Values(1, 3)] int threads)
    {
        using CpuWorkers workers = new(threads);
        int* counts = stackalloc int[64];
        workers.Run(64, &Count, counts);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < 200; i++)
        {
            workers.Run(64, &Count, counts);
        }

        // Less than one object per run: the runtime's own threads may allocate a little.
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(200 * 16));
    }

    [Test]
    public void Run_BodyThrows_RethrowsAndStaysUsable([Values(1, 2, 3)] int threads)
    {
        using CpuWorkers workers = new(threads);
        int* counts = stackalloc int[64];
        new Span<int>(counts, 64).Clear();

        CpuWorkers local = workers;
        InvalidTimeZoneException? error = null;
        try
        {
            local.Run(64, &ThrowAtTen, null);
        }
        catch (InvalidTimeZoneException e)
        {
            error = e;
        }

        workers.Run(64, &Count, counts);
        Assert.That(error?.Message, Is.EqualTo("tile 10"));
        Assert.That(new Span<int>(counts, 64).ToArray(), Is.All.EqualTo(1));
    }

    [Test]
    public void Run_InsideBody_RunsInlineOnThatWorker()
    {
        using CpuWorkers workers = new(3);
        s_nested = workers;
        int* counts = stackalloc int[64];
        new Span<int>(counts, 64).Clear();

        workers.Run(8, &RunNested, counts);

        Assert.That(new Span<int>(counts, 64)[..5].ToArray(), Is.All.EqualTo(8));
    }

    [Test]
    public void Choose_ForcedName_PicksItOrThrows()
    {
        Assert.That(CpuIsaInfo.Choose("portable"), Is.EqualTo(CpuIsa.Portable));
        Assert.That(CpuIsaInfo.IsSupported(CpuIsaInfo.Choose(null)));
        Assert.That(() => CpuIsaInfo.Choose("sse9"), Throws.TypeOf<PlatformNotSupportedException>());
    }

    private static void Count(void* context, int tile, int worker) => Interlocked.Increment(ref ((int*)context)[tile]);

    private static void ThrowAtTen(void* context, int tile, int worker)
    {
        if (tile == 10)
        {
            throw new InvalidTimeZoneException("tile 10");
        }
    }

    private static void RunNested(void* context, int tile, int worker)
    {
        int outer = worker;
        NestedContext nested = new() { Counts = (int*)context, Worker = outer };
        s_nested!.Run(5, &CountNested, &nested);
    }

    private static void CountNested(void* context, int tile, int worker)
    {
        NestedContext* nested = (NestedContext*)context;
        if (worker == nested->Worker)
        {
            Interlocked.Increment(ref nested->Counts[tile]);
        }
    }

    private struct NestedContext
    {
        public int* Counts;
        public int Worker;
    }
}
