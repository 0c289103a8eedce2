using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class PlannerTests
{
    [Test]
    public void Plan_RandomLifetimes_NeverOverlapAndStayNearTheBound([Range(1, 60)] int seed)
    {
        var random = new Random(seed);
        var intervals = new LiveInterval[random.Next(1, 80)];
        for (var i = 0; i < intervals.Length; i++)
        {
            var first = random.Next(60);
            intervals[i] = new LiveInterval(first, first + random.Next(seed % 3 == 0 ? 60 : 6), random.Next(4) == 0 ? random.Next(200) : random.Next(100000));
        }
        var offsets = new long[intervals.Length];

        var bytes = MemoryPlanner.Plan(intervals, offsets);

        for (var i = 0; i < intervals.Length; i++)
        {
            Assert.That(offsets[i] % MemoryPlanner.Alignment, Is.Zero);
            Assert.That(offsets[i] + intervals[i].Bytes, Is.LessThanOrEqualTo(bytes));
            for (var j = 0; j < i; j++)
            {
                var together = intervals[i].First <= intervals[j].Last && intervals[j].First <= intervals[i].Last;
                var apart = offsets[i] + intervals[i].Bytes <= offsets[j] || offsets[j] + intervals[j].Bytes <= offsets[i];
                Assert.That(!together || apart, Is.True, $"{intervals[i]} at {offsets[i]} and {intervals[j]} at {offsets[j]}");
            }
        }
        var bound = MemoryPlanner.LowerBound(intervals);
        Assert.That(bound, Is.EqualTo(NaiveBound(intervals)));
        Assert.That(bytes, Is.GreaterThanOrEqualTo(bound));
        // Random lifetimes are harder than those of networks, for which the second test is.
        Assert.That(bytes, Is.LessThanOrEqualTo(1.4 * bound));
    }

    [Test]
    public void Plan_ChainOfEqualLayers_NeedsNoMoreThanTheBound()
    {
        var intervals = new LiveInterval[50];
        for (var i = 0; i < intervals.Length; i++) intervals[i] = new LiveInterval(i, i + 1, 1000);
        var offsets = new long[50];

        var bytes = MemoryPlanner.Plan(intervals, offsets);

        Assert.That(bytes, Is.EqualTo(2 * 1024));
    }

    [Test]
    public void Plan_ForwardAndBackward_StaysWithinTenPercent()
    {
        // Activations live from their layer to its mirror image in the backward pass, gradients for one step.
        const int Layers = 40;
        var random = new Random(3);
        var intervals = new LiveInterval[2 * Layers];
        for (var i = 0; i < Layers; i++)
        {
            var bytes = 1L << (20 - i / 10) << random.Next(2);
            intervals[i] = new LiveInterval(i, 2 * Layers - i, bytes);
            intervals[Layers + i] = new LiveInterval(2 * Layers - i, 2 * Layers - i + 1, bytes);
        }

        var total = MemoryPlanner.Plan(intervals, new long[2 * Layers]);

        Assert.That(total, Is.LessThanOrEqualTo(1.1 * MemoryPlanner.LowerBound(intervals)));
    }

    [Test]
    public void Plan_Nothing_NeedsNothing() => Assert.That(MemoryPlanner.Plan([], []), Is.Zero);

    private static long NaiveBound(LiveInterval[] intervals)
    {
        long bound = 0;
        for (var step = 0; step < 200; step++)
        {
            long live = 0;
            foreach (var interval in intervals)
                if (interval.First <= step && step <= interval.Last) live += (interval.Bytes + 255) / 256 * 256;
            bound = Math.Max(bound, live);
        }
        return bound;
    }
}
