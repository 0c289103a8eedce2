using System.Runtime.InteropServices;

namespace Codat.Native.Robust;

/// <summary>
/// What an attack saw on its way, beside its outcomes: sums by class and step, and each image's change.
/// </summary>
/// <remarks>A function of network, images, attack and seed, as outcomes are.</remarks>
internal sealed class AttackTelemetry
{
    /// <summary>Nothing seen yet.</summary>
    /// <param name="images">Images of the split.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="pixels">Values of an image.</param>
    /// <param name="steps">Steps of each part of the attack, of its first restart.</param>
    public AttackTelemetry(int images, int classes, int pixels, IReadOnlyList<int> steps)
    {
        (CleanLoss, Distance, RoundedDistance) = (new float[images], new float[images], new float[images]);
        RoundedRight = new bool[images];
        Array.Fill(Distance, float.NaN);
        Array.Fill(RoundedDistance, float.NaN);
        Parts = [.. steps.Select(s => new StepTotals(classes, s, pixels))];
    }

    /// <summary>What the attack climbs, on the clean images: gains are counted from there.</summary>
    public float[] CleanLoss { get; }

    /// <summary>
    /// Distance from the clean image to the one that broke it; for PGD, where none did, the farthest last iterate of
    /// its restarts. Not-a-number where there is no such image.
    /// </summary>
    public float[] Distance { get; }

    /// <summary>The same distance once that image is rounded to 8 bits.</summary>
    public float[] RoundedDistance { get; }

    /// <summary>Whether a broken image is right once the image that broke it is rounded to 8 bits.</summary>
    public bool[] RoundedRight { get; }

    /// <summary>Sums of each part of the attack, over the images that its first restart attacked.</summary>
    public StepTotals[] Parts { get; }

    /// <summary>The same values in arrays of their own.</summary>
    public AttackTelemetry Copy()
    {
        using var memory = new MemoryStream();
        Write(memory);
        memory.Position = 0;
        return Read(memory, Distance.Length);
    }

    /// <summary>Appends everything to a stream.</summary>
    public void Write(Stream stream)
    {
        stream.Write(MemoryMarshal.AsBytes<int>(
            [Parts[0].Classes, Parts[0].Pixels, Parts.Length, .. Parts.Select(p => p.Axis.Steps)]));
        Each(bytes => stream.Write(bytes));
    }

    /// <summary>Reads what was written of so many images.</summary>
    /// <exception cref="EndOfStreamException">The stream holds less.</exception>
    public static AttackTelemetry Read(Stream stream, int images)
    {
        Span<int> head = stackalloc int[3];
        stream.ReadExactly(MemoryMarshal.AsBytes(head));
        var steps = new int[head[2]];
        stream.ReadExactly(MemoryMarshal.AsBytes(steps.AsSpan()));
        var telemetry = new AttackTelemetry(images, head[0], head[1], steps);
        telemetry.Each(stream.ReadExactly);
        return telemetry;
    }

    private void Each(Action<Span<byte>> visit)
    {
        visit(MemoryMarshal.AsBytes(CleanLoss.AsSpan()));
        visit(MemoryMarshal.AsBytes(Distance.AsSpan()));
        visit(MemoryMarshal.AsBytes(RoundedDistance.AsSpan()));
        visit(MemoryMarshal.AsBytes(RoundedRight.AsSpan()));
        foreach (var part in Parts) visit(MemoryMarshal.AsBytes(part.Values));
    }
}
