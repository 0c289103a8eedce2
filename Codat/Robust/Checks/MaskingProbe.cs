using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Looks at a few clean images as no attack does: again, among other images, and at two gradients.</summary>
/// <remarks>
/// The images lie evenly over the split. Exchanged neighbours and repeats are looked at with the same plan, so that
/// another order of sums, as another batch size may have on a GPU, is not taken for a defect.
/// </remarks>
internal static class MaskingProbe
{
    /// <summary>Most images looked at: a defect of one in twenty is seen with a chance of 96 %.</summary>
    public const int MostImages = 64;

    /// <summary>Looks at images of a split.</summary>
    public static IReadOnlyList<ProbedImage> Look(Network network, IDataset images)
    {
        var count = Math.Min(MostImages, images.Count);
        using var losses = new AttackProbe(network, SearchLoss.CrossEntropy, count);
        using var gaps = new AttackProbe(network, SearchLoss.Gap, count);
        var seen = new List<ProbedImage>(count);
        foreach (var places in Enumerable.Range(0, count).Chunk(losses.Lanes[0].Rows))
            seen.AddRange(Look(losses.Lanes[0], gaps.Lanes[0], Array.ConvertAll(places, p =>
                new Labelled(images, (int)((long)p * images.Count / count)))));
        return seen;
    }

    private static ProbedImage[] Look(ProbeLane losses, ProbeLane gaps, Labelled[] batch)
    {
        for (var row = 0; row < batch.Length; row++) batch[row].Put(losses, row, batch[row].Label);
        losses.Look(batch.Length);
        var logits = Logits(losses, batch.Length);
        var lossGradients = States(losses, batch.Length);
        losses.Look(batch.Length);
        var again = Logits(losses, batch.Length);
        // The first half among other images.
        var kept = (batch.Length + 1) / 2;
        for (var row = kept; row < batch.Length; row++) batch[0].Put(losses, row, batch[0].Label);
        losses.Look(batch.Length);
        var among = Logits(losses, batch.Length);

        for (var row = 0; row < batch.Length; row++) batch[row].Put(gaps, row, Rival(logits[row], batch[row].Label));
        gaps.Look(batch.Length);
        var logitGradients = States(gaps, batch.Length);
        return [.. batch.Select((image, row) => new ProbedImage(ImageWalk.ArgMax(logits[row]) == image.Label,
            Gap(logits[row]), Change(logits[row], again[row]),
            row < kept && kept < batch.Length ? Change(logits[row], among[row]) : null, lossGradients[row],
            logitGradients[row]))];
    }

    private static float[][] Logits(ProbeLane lane, int rows) =>
        [.. Enumerable.Range(0, rows).Select(row => lane.Logits(row).ToArray())];

    private static GradientState[] States(ProbeLane lane, int rows) =>
        [.. Enumerable.Range(0, rows).Select(row => State(lane.Gradient(row)))];

    private static GradientState State(ReadOnlySpan<float> gradient)
    {
        var isZero = true;
        foreach (var g in gradient)
        {
            if (!float.IsFinite(g)) return GradientState.Bad;
            isZero &= g == 0;
        }
        return isZero ? GradientState.Zero : GradientState.Usable;
    }

    private static int Rival(float[] logits, int label)
    {
        var best = label == 0 ? 1 : 0;
        for (var k = 0; k < logits.Length; k++)
            if (k != label && logits[k] > logits[best]) best = k;
        return best;
    }

    private static double Gap(float[] logits)
    {
        var order = logits.OrderDescending().ToArray();
        return (double)order[0] - order[1];
    }

    /// <summary>Infinite where one is a number and the other is not.</summary>
    private static double Change(float[] logits, float[] other)
    {
        double most = 0;
        for (var k = 0; k < logits.Length; k++)
        {
            if (logits[k].Equals(other[k])) continue; // NaN for NaN too
            var change = Math.Abs((double)logits[k] - other[k]);
            most = double.IsNaN(change) ? double.PositiveInfinity : Math.Max(most, change);
        }
        return most == 0 ? 0 : most / ((double)logits.Max() - logits.Min());
    }

    /// <summary>One image of the split, read.</summary>
    private sealed class Labelled
    {
        private readonly float[] _pixels;

        public Labelled(IDataset images, int index)
        {
            var bytes = new byte[images.Shape.Bytes];
            images.Read(index, bytes);
            _pixels = Array.ConvertAll(bytes, b => b / 255f);
            Label = images.Label(index);
        }

        public int Label { get; }

        public void Put(ProbeLane lane, int row, int target) => lane.Put(row, _pixels, Label, target);
    }
}
