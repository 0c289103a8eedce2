using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>A linear classifier, for which distances to the boundary are known, and what a walk is told of it.</summary>
internal sealed class LinearModel
{
    public const int Side = 6, Pixels = Side * Side;

    private readonly double[][] _weights;
    private readonly double[] _bias;

    /// <summary>Weights and image from a seed; the image is in the middle of the box, so that the box is not in the way.</summary>
    public LinearModel(int classes, int seed)
    {
        _weights = [.. Enumerable.Range(0, classes).Select(k => TestValues.Normal(Pixels, 100 * seed + k))];
        Image = [.. TestValues.Uniform(Pixels, 1000 + seed, 0.4, 0.6).Select(v => (float)v)];
        _bias = [.. Enumerable.Range(0, classes).Select(k => -_weights[k].Zip(Image, (w, x) => w * x).Sum() + 0.3 * (k == 0 ? 4 : k % 3))];
        Spec = new NetworkSpec("mlp", Side, Side, 1, classes);
    }

    public NetworkSpec Spec { get; }

    public float[] Image { get; }

    /// <summary>The distance from the image to the nearest boundary of class 0, the label.</summary>
    public double Distance(Norm norm) => Enumerable.Range(1, _weights.Length - 1).Min(k => Distance(k, norm));

    public double[] Logits(ReadOnlySpan<float> x)
    {
        var logits = (double[])_bias.Clone();
        for (var k = 0; k < logits.Length; k++)
            for (var i = 0; i < Pixels; i++) logits[k] += _weights[k][i] * x[i];
        return logits;
    }

    /// <summary>Cross-entropy of class 0.</summary>
    public double CrossEntropy(ReadOnlySpan<float> x) => Loss(SearchLoss.CrossEntropy, Logits(x), 0).Loss;

    /// <summary>The image of the ball where a class is ahead of class 0 the most.</summary>
    public float[] Towards(int k, Norm norm, double radius)
    {
        var difference = _weights[k].Zip(_weights[0], (a, b) => a - b).ToArray();
        var length = Math.Sqrt(difference.Sum(d => d * d));
        return [.. Image.Zip(difference, (x, d) => (float)(x + radius * (norm == Norm.Linf ? Math.Sign(d) : d / length)))];
    }

    /// <summary>Walks to the end; <paramref name="seen"/> gets every point.</summary>
    public T Walk<T>(WalkSpec spec, Action<float[]>? seen = null, int sampleId = 5, int restart = 0) where T : ImageWalk
    {
        var walk = (T)spec.Create(Spec);
        walk.Begin(Image, 0, sampleId, restart);
        Drive(walk, spec, (_, _) => seen?.Invoke(walk.Point), _ => { });
        return walk;
    }

    /// <summary>Walks to the end; tells of every look before and after the walk is told of it.</summary>
    public void Watch(WalkSpec spec, Action<ImageWalk, float[]> before, Action<ImageWalk> after)
    {
        var walk = spec.Create(Spec);
        walk.Begin(Image, 0, sampleId: 5, restart: 0);
        Drive(walk, spec, before, after);
    }

    private void Drive(ImageWalk walk, WalkSpec spec, Action<ImageWalk, float[]> before, Action<ImageWalk> after)
    {
        for (var hasEnded = false; !hasEnded;)
        {
            var logits = Logits(walk.Point);
            var (loss, slope) = Loss(spec.Loss, logits, walk.Target);
            var gradient = new float[Pixels];
            for (var i = 0; i < Pixels; i++)
                for (var k = 0; k < slope.Length; k++) gradient[i] += (float)(slope[k] * _weights[k][i]);
            before(walk, gradient);
            hasEnded = walk.Look([.. logits.Select(z => (float)z)], (float)loss, gradient);
            after(walk);
        }
    }

    private double Distance(int k, Norm norm)
    {
        var difference = _weights[k].Zip(_weights[0], (a, b) => a - b).ToArray();
        var logits = Logits(Image);
        var dual = norm == Norm.Linf ? difference.Sum(Math.Abs) : Math.Sqrt(difference.Sum(d => d * d));
        return (logits[0] - logits[k]) / dual;
    }

    /// <summary>A loss and its derivative in the logits, by the formulas of the papers.</summary>
    private static (double Loss, double[] Slope) Loss(SearchLoss? loss, double[] z, int target)
    {
        var slope = new double[z.Length];
        if (loss is null) return (0, slope);
        var order = Enumerable.Range(0, z.Length).OrderByDescending(k => z[k]).ToArray();
        if (loss == SearchLoss.CrossEntropy)
        {
            var sum = z.Sum(v => Math.Exp(v - z[order[0]]));
            for (var k = 0; k < z.Length; k++) slope[k] = Math.Exp(z[k] - z[order[0]]) / sum;
            slope[0]--;
            return (Math.Log(sum) + z[order[0]] - z[0], slope);
        }
        var rival = loss == SearchLoss.Dlr ? (order[0] == 0 ? order[1] : order[0]) : target;
        var scale = loss switch
        {
            SearchLoss.Dlr => z[order[0]] - z[order[2]],
            SearchLoss.TargetedDlr => z[order[0]] - 0.5 * (z[order[2]] + z[order[3]]),
            _ => 1,
        };
        var value = (z[rival] - z[0]) / scale;
        slope[rival] += 1 / scale;
        slope[0] -= 1 / scale;
        if (loss == SearchLoss.Gap) return (value, slope);
        slope[order[0]] -= value / scale;
        slope[order[2]] += (loss == SearchLoss.Dlr ? 1 : 0.5) * value / scale;
        if (loss == SearchLoss.TargetedDlr) slope[order[3]] += 0.5 * value / scale;
        return (value, slope);
    }
}
