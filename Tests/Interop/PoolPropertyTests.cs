using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What holds for the pool after any sequence of requests, checked against a model that knows every 256 bytes.</summary>
internal sealed class PoolPropertyTests
{
    private const int Steps = 4000;
    private const int Streams = 3;
    private const int Unit = DeviceBlock.Alignment;

    private sealed class Model
    {
        public readonly Dictionary<ulong, DeviceBlock> Used = [];
        public readonly Dictionary<ulong, (int Stream, int Time)> LastFreed = [];

        // Known[a][b]: what stream a has waited for of stream b's work.
        public readonly int[][] Known = [.. Enumerable.Range(0, Streams).Select(_ => new int[Streams])];
        public readonly int[] Time = new int[Streams];
    }

    [Test]
    public void AnyRequests_OnAnyStreams_KeepTheRules([Range(1, 12)] int seed)
    {
        var random = new Random(seed);
        var upstream = new FakeUpstream(capacity: 3 << 20);
        CudaStream[] streams = [.. Enumerable.Range(0, Streams).Select(_ => FakeCuda.Stream(upstream.Context))];
        var model = new Model();
        using var pool = new PoolMemoryResource(upstream, 256 << 10, (from, to) =>
            Wait(model, Array.IndexOf(streams, from), Array.IndexOf(streams, to)));
        var live = new List<DeviceBlock>();
        int refused = 0;

        for (int step = 0; step < Steps; step++)
        {
            int stream = random.Next(Streams);
            if (live.Count == 0 || random.Next(100) < 52)
            {
                nuint bytes = (nuint)(1 << random.Next(19)) + (nuint)random.Next(300);
                try
                {
                    var block = pool.Allocate(bytes, streams[stream]);
                    CheckHandedOut(model, upstream, block, bytes, stream);
                    live.Add(block);
                }
                catch (CudaOutOfMemoryException)
                {
                    refused++;
                }
            }
            else
            {
                int at = random.Next(live.Count);
                GiveBack(model, live[at], stream);
                pool.Deallocate(live[at], streams[stream]);
                live.RemoveAt(at);
            }
            if (random.Next(500) == 0) pool.Trim(random.Next(1 << 20));
            Assert.That(pool.UsedBytes, Is.EqualTo(live.Sum(b => (long)DeviceBlock.RoundUp(b.Bytes))));
            Assert.That(pool.ReservedBytes, Is.EqualTo(upstream.LiveBytes));
        }
        foreach (var block in live) pool.Deallocate(block, streams[0]);
        pool.Trim();

        Assert.That(refused, Is.Positive, "the capacity was never reached: the test is too easy");
        Assert.That((pool.UsedBytes, pool.ReservedBytes, upstream.Live.Count), Is.EqualTo((0L, 0L, 0)));
        Assert.That(upstream.Mistakes, Is.Empty);
        Assert.That(upstream.Context.ParkedErrors, Is.Zero);
    }

    private static void CheckHandedOut(Model model, FakeUpstream upstream, in DeviceBlock block, nuint bytes, int stream)
    {
        Assert.That(block.Bytes, Is.EqualTo(bytes));
        Assert.That(block.Address % Unit, Is.Zero);
        ulong end = block.Address + DeviceBlock.RoundUp(bytes), address = block.Address;
        Assert.That(upstream.Live.Any(s => s.Key <= address && end <= s.Key + s.Value), Is.True, "outside every segment");
        for (ulong at = block.Address; at < end; at += Unit)
        {
            Assert.That(model.Used.TryAdd(at, block), Is.True, "handed out twice");
            if (!model.LastFreed.TryGetValue(at, out var freed)) continue;
            Assert.That(freed.Stream == stream || model.Known[stream][freed.Stream] >= freed.Time, Is.True,
                $"stream {stream} was given memory that stream {freed.Stream} may still use");
        }
    }

    private static void GiveBack(Model model, in DeviceBlock block, int stream)
    {
        int time = ++model.Time[stream];
        for (ulong at = block.Address; at < block.Address + DeviceBlock.RoundUp(block.Bytes); at += Unit)
        {
            model.Used.Remove(at);
            model.LastFreed[at] = (stream, time);
        }
    }

    private static void Wait(Model model, int from, int to)
    {
        for (int i = 0; i < Streams; i++) model.Known[to][i] = Math.Max(model.Known[to][i], model.Known[from][i]);
        model.Known[to][from] = model.Time[from];
    }
}
