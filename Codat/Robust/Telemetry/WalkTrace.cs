using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Notes what one walk after the other sees, and how the image it found does once it is rounded to 8 bits.
/// </summary>
/// <remarks>
/// FAB climbs no loss and searches outside the ball: of it only gradients are noted. Square has no gradients. Signs are
/// compared with those at the look before, towards the same target.
/// </remarks>
internal sealed class WalkTrace(WalkSpec spec, NetworkSpec network)
{
    private readonly float[] _before =
        new float[spec.Loss is null ? 0 : network.Height * network.Width * network.Channels];
    private StepSample _sample;
    private float _cleanLoss;
    private int _step, _target;
    private bool _isKnown;

    /// <summary>The walk has ended, and its point is now the image it found as bytes hold it.</summary>
    public bool IsRounding { get; private set; }

    /// <summary>Distance of the image that was found from the clean one.</summary>
    public double Distance { get; private set; }

    /// <summary>The same once it is rounded.</summary>
    public double RoundedDistance { get; private set; }

    /// <summary>Whether it is right once it is rounded.</summary>
    public bool IsRoundedRight { get; private set; }

    /// <summary>Begins with an image.</summary>
    public void Begin(float cleanLoss)
    {
        _cleanLoss = cleanLoss;
        (_isKnown, IsRounding) = (false, false);
    }

    /// <summary>Takes the point and the gradient there before the walk is told of it, for it then moves on.</summary>
    public void Look(ImageWalk walk, ReadOnlySpan<float> gradient)
    {
        _step = walk.Taken;
        var atBound = spec.Kind == AttackKind.FabT
            ? -1 : StepCounts.AtBound(walk.Point, walk.Centre, spec.Norm, spec.Epsilon);
        _sample = new StepSample(double.NaN, atBound, Zeros: -1, 0, Flips: -1);
        if (gradient.IsEmpty) return;
        var (zeros, nonFinite, flips) = StepCounts.Gradient(gradient, _before);
        var isCompared = _isKnown && walk.Target == _target;
        (_isKnown, _target) = (true, walk.Target);
        _sample = _sample with { Zeros = zeros, NonFinite = nonFinite, Flips = isCompared ? flips : -1 };
    }

    /// <summary>Adds what was seen, now that the walk knows the loss there.</summary>
    public void Add(ImageWalk walk, StepTotals totals) => totals.Add(walk.Label, _step,
        spec.Kind == AttackKind.FabT ? _sample : _sample with { Gain = (double)walk.Loss - _cleanLoss });

    /// <summary>Rounds what a walk has found, to be looked at.</summary>
    public void Round(ImageWalk walk)
    {
        IsRounding = true;
        Distance = ThreatBall.Distance(spec.Norm, walk.Point, walk.Centre);
        EightBits.Round(walk.Point);
        RoundedDistance = ThreatBall.Distance(spec.Norm, walk.Point, walk.Centre);
    }

    /// <summary>Takes what the network says of the rounded image.</summary>
    public void LookRounded(ImageWalk walk, ReadOnlySpan<float> logits) =>
        IsRoundedRight = ImageWalk.ArgMax(logits) == walk.Label;
}
