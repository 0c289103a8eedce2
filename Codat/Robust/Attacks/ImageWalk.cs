using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// One image's way through an attack: it says where to look, is told what the network sees there, and ends with the
/// first misclassified image of the ball.
/// </summary>
/// <remarks>
/// A function of the network, the image, its sample id and the restart alone. Allocates nothing once created.
/// </remarks>
internal abstract class ImageWalk
{
    protected ImageWalk(WalkSpec spec, NetworkSpec network)
    {
        Spec = spec;
        Network = network;
        Pixels = network.Height * network.Width * network.Channels;
        (Clean, Point) = (new float[Pixels], new float[Pixels]);
        Ball = new ThreatBall(spec.Norm, spec.Epsilon, Pixels);
    }

    /// <summary>Where the network is to be looked at next, in the layout of the network's input.</summary>
    public float[] Point { get; }

    /// <summary>The label.</summary>
    public int Label { get; private set; }

    /// <summary>The class aimed at.</summary>
    public int Target { get; protected set; }

    /// <summary>An image of the ball was misclassified.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Steps taken so far.</summary>
    public int Taken { get; protected set; }

    /// <summary>The class seen at the image of the ball last looked at; -1 where a logit is not a number.</summary>
    public int Predicted { get; private set; }

    /// <summary>Cross-entropy there.</summary>
    public float Loss { get; private set; }

    /// <summary>Where broken the margin there, else the smallest seen in the ball.</summary>
    public float Margin { get; private set; }

    /// <summary>The clean image.</summary>
    public ReadOnlySpan<float> Centre => Clean;

    protected WalkSpec Spec { get; }

    protected NetworkSpec Network { get; }

    protected int Pixels { get; }

    protected float[] Clean { get; }

    protected ThreatBall Ball { get; }

    protected uint SampleId { get; private set; }

    protected int Restart { get; private set; }

    /// <summary>Begins with an image.</summary>
    public void Begin(ReadOnlySpan<float> clean, int label, int sampleId, int restart)
    {
        clean.CopyTo(Clean);
        Ball.MoveTo(Clean);
        (Label, Target, SampleId, Restart) = (label, label, (uint)sampleId, restart);
        (IsBroken, Taken, Margin) = (false, 0, float.PositiveInfinity);
        Start();
    }

    /// <summary>Takes what the network says of <see cref="Point"/>; true when the walk has ended.</summary>
    public bool Look(ReadOnlySpan<float> logits, float loss, ReadOnlySpan<float> gradient)
    {
        var predicted = ArgMax(logits);
        if (IsInside())
        {
            var margin = MarginOf(logits, Label);
            Predicted = predicted;
            Loss = CrossEntropy(logits, Label);
            IsBroken = predicted != Label;
            Margin = IsBroken ? margin : Math.Min(Margin, margin);
            if (IsBroken) return true;
        }
        return Advance(logits, predicted, loss, gradient);
    }

    /// <summary>Chooses the first point.</summary>
    protected abstract void Start();

    /// <summary>Chooses the next point; true when there is none.</summary>
    protected abstract bool Advance(
        ReadOnlySpan<float> logits, int predicted, float loss, ReadOnlySpan<float> gradient);

    /// <summary>Whether the point is one that may be found: all are, unless an attack searches outside too.</summary>
    protected virtual bool IsInside() => true;

    /// <summary>The classes to aim at: the other classes, the likeliest first.</summary>
    protected void Rank(ReadOnlySpan<float> logits, int[] targets)
    {
        for (var place = 0; place < targets.Length; place++)
        {
            var best = -1;
            for (var k = 0; k < logits.Length; k++)
                if (k != Label && Array.IndexOf(targets, k, 0, place) < 0 && (best < 0 || logits[k] > logits[best]))
                    best = k;
            targets[place] = best;
        }
    }

    internal static int ArgMax(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var k = 0; k < logits.Length; k++)
        {
            if (float.IsNaN(logits[k])) return -1;
            if (logits[k] > logits[best]) best = k;
        }
        return best;
    }

    private protected static float MarginOf(ReadOnlySpan<float> logits, int label)
    {
        var rival = float.NegativeInfinity;
        for (var k = 0; k < logits.Length; k++)
            if (k != label) rival = Math.Max(rival, logits[k]);
        return logits[label] - rival;
    }

    private static float CrossEntropy(ReadOnlySpan<float> logits, int label)
    {
        double most = double.NegativeInfinity, sum = 0;
        foreach (var z in logits) most = Math.Max(most, z);
        foreach (var z in logits) sum += Math.Exp(z - most);
        return (float)(most + Math.Log(sum) - logits[label]);
    }

    /// <summary>Fills an array with numbers uniform in [-1,1) or normal ones.</summary>
    private protected static void Draw(
        Span<float> values, bool isNormal, ulong seed, uint id, RandomPurpose purpose, int restart)
    {
        Span<uint> words = stackalloc uint[4];
        Span<double> four = stackalloc double[4];
        var use = Philox.Use(purpose, restart);
        for (var i = 0; i < values.Length; i += 4)
        {
            Philox.Next(seed, id, 0, use, (uint)(i / 4), out words[0], out words[1], out words[2], out words[3]);
            if (isNormal)
            {
                (four[0], four[1]) = Philox.Normal(words[0], words[1]);
                (four[2], four[3]) = Philox.Normal(words[2], words[3]);
            }
            for (var j = 0; j < 4 && i + j < values.Length; j++)
                values[i + j] = isNormal ? (float)four[j] : 2 * Philox.Uniform(words[j]) - 1;
        }
    }
}
