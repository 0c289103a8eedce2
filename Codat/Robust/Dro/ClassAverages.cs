namespace Codat.Native.Robust;

/// <summary>Exponential averages of class risks over memory that the caller owns and may save: the bits are the
/// whole state.</summary>
public readonly ref struct ClassAverages
{
    /// <summary>Wraps K averages and K marks; all marks 0 is the state before the first batch.</summary>
    public ClassAverages(Span<double> average, Span<byte> seen)
    {
        if (average.Length != seen.Length)
            throw new ArgumentException($"{average.Length} averages but {seen.Length} marks.", nameof(seen));
        Average = average;
        Seen = seen;
    }

    /// <summary>The average of each class, units of the risk; meaningless where not seen.</summary>
    public Span<double> Average { get; }

    /// <summary>1 for a class that has been in a batch, else 0.</summary>
    public Span<byte> Seen { get; }

    /// <summary>Takes a batch in: the first mean of a class becomes its average, later ones are mixed in by 1 -
    /// decay.</summary>
    public void Update(ReadOnlySpan<double> sums, ReadOnlySpan<int> counts, double decay)
    {
        if (sums.Length != Average.Length || counts.Length != Average.Length)
            throw new ArgumentException($"{sums.Length} sums, {counts.Length} counts, {Average.Length} averages.");
        for (var k = 0; k < counts.Length; k++)
        {
            if (counts[k] <= 0) continue;
            var mean = sums[k] / counts[k];
            Average[k] = Seen[k] == 0 ? mean : decay * Average[k] + (1 - decay) * mean;
            Seen[k] = 1;
        }
    }
}
