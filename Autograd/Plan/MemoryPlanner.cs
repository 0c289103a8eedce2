namespace Codat.Native.Autograd;

/// <summary>
/// How long one block of an arena is needed: from the step that writes it to the last one that reads it.
/// </summary>
internal readonly record struct LiveInterval(int First, int Last, long Bytes);

/// <summary>Lays blocks with known lifetimes into one arena.</summary>
/// <remarks>
/// First fit by decreasing size: simple, within a few percent of the lower bound on these graphs, deterministic.
/// </remarks>
internal static class MemoryPlanner
{
    /// <summary>Alignment of every block in bytes.</summary>
    public const long Alignment = 256;

    /// <summary>Returns the size of the arena and fills <paramref name="offsets"/>, in bytes.</summary>
    public static long Plan(ReadOnlySpan<LiveInterval> intervals, Span<long> offsets)
    {
        var order = new int[intervals.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var all = intervals.ToArray();
        Array.Sort(order, (a, b) =>
            all[a].Bytes != all[b].Bytes ? all[b].Bytes.CompareTo(all[a].Bytes) :
            all[a].First != all[b].First ? all[a].First.CompareTo(all[b].First) : a.CompareTo(b));

        long total = 0;
        var placed = new List<int>();
        var conflicts = new List<(long Start, long End)>();
        foreach (var index in order)
        {
            conflicts.Clear();
            foreach (var other in placed)
            {
                if (all[other].First <= all[index].Last && all[index].First <= all[other].Last)
                    conflicts.Add((offsets[other], offsets[other] + Align(all[other].Bytes)));
            }
            conflicts.Sort();
            long offset = 0;
            var bytes = Align(all[index].Bytes);
            foreach (var (start, end) in conflicts)
            {
                if (offset + bytes <= start) break;
                offset = Math.Max(offset, end);
            }
            offsets[index] = offset;
            placed.Add(index);
            total = Math.Max(total, offset + bytes);
        }
        return total;
    }

    /// <summary>Rounds up to the alignment.</summary>
    public static long Align(long bytes) => checked((bytes + Alignment - 1) / Alignment * Alignment);

    /// <summary>The bytes live at the busiest step: no plan can be smaller.</summary>
    public static long LowerBound(ReadOnlySpan<LiveInterval> intervals)
    {
        long bound = 0;
        foreach (var at in intervals)
        {
            long live = 0;
            foreach (var other in intervals)
                if (other.First <= at.First && at.First <= other.Last) live += Align(other.Bytes);
            bound = Math.Max(bound, live);
        }
        return bound;
    }
}
