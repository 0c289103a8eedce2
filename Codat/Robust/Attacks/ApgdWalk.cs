using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Auto-PGD: momentum, step sizes by <see cref="ApgdSchedule"/>, restarts from the best point. Croce and Hein 2020
/// (arXiv 2003.01690), algorithm 1; targeted, one run against each target.
/// </summary>
/// <remarks>
/// Starts on the edge of the ball. The first checkpoint compares with the loss of the start, as the paper does; the
/// authors' code compares with zero there.
/// </remarks>
internal sealed class ApgdWalk(WalkSpec spec, NetworkSpec network) : ImageWalk(spec, network)
{
    private const float Momentum = 0.75f;

    private readonly ApgdSchedule _schedule = new(spec.Iterations, spec.Epsilon);
    private readonly int[] _targets = new int[spec.Targets];
    private readonly float[] _best = new float[network.Height * network.Width * network.Channels];
    private readonly float[] _bestGradient = new float[network.Height * network.Width * network.Channels];
    private readonly float[] _before = new float[network.Height * network.Width * network.Channels];
    private readonly float[] _here = new float[network.Height * network.Width * network.Channels];
    private int _run, _iteration;

    protected override void Start()
    {
        _run = -1;
        if (_targets.Length == 0) BeginRun();
        else Clean.CopyTo(Point, 0); // the logits there order the targets
    }

    protected override bool Advance(
        ReadOnlySpan<float> logits, int predicted, float loss, ReadOnlySpan<float> gradient)
    {
        if (_run < 0)
        {
            Rank(logits, _targets);
            BeginRun();
            return false;
        }
        if (_iteration == 0)
        {
            _schedule.Reset(loss);
            Keep(gradient);
            Point.CopyTo(_before, 0);
            Step(gradient);
            return false;
        }
        if (_schedule.Improves(loss)) Keep(gradient);
        var backToBest = _schedule.Take(loss);
        if (_iteration == Spec.Iterations)
        {
            if (_run + 1 >= _targets.Length) return true;
            BeginRun();
            return false;
        }
        if (backToBest) _best.CopyTo(Point, 0);
        Step(backToBest ? _bestGradient : gradient);
        return false;
    }

    private void BeginRun()
    {
        _run++;
        _iteration = 0;
        var isTargeted = _targets.Length > 0;
        if (isTargeted) Target = _targets[_run];
        var (purpose, draw) = isTargeted
            ? (RandomPurpose.TargetedStart, Restart * WalkSpec.StandardTargets + _run)
            : (RandomPurpose.ApgdStart, Restart);
        Draw(Point, Spec.Norm == Norm.L2, Spec.Seed, SampleId, purpose, draw);
        Ball.ToEdge(Point);
        for (var i = 0; i < Point.Length; i++) Point[i] += Clean[i];
        Ball.Project(Point);
    }

    private void Keep(ReadOnlySpan<float> gradient)
    {
        Point.CopyTo(_best, 0);
        gradient.CopyTo(_bestGradient);
    }

    /// <summary>
    /// One step from the point: ascent, projection, momentum, projection. Keeps the point for the next one.
    /// </summary>
    private void Step(ReadOnlySpan<float> gradient)
    {
        Point.CopyTo(_here, 0);
        Ascend(gradient);
        Ball.Project(Point);
        var share = _iteration == 0 ? 1 : Momentum;
        for (var i = 0; i < Point.Length; i++)
            Point[i] = _here[i] + (Point[i] - _here[i]) * share + (_here[i] - _before[i]) * (1 - share);
        Ball.Project(Point);
        _here.CopyTo(_before, 0);
        _iteration++;
        Taken++;
    }

    private void Ascend(ReadOnlySpan<float> gradient)
    {
        if (Spec.Norm == Norm.Linf)
        {
            var step = (float)_schedule.StepSize;
            for (var i = 0; i < Point.Length; i++)
                Point[i] += gradient[i] > 0 ? step : gradient[i] < 0 ? -step : 0;
            return;
        }
        double square = 0;
        foreach (var g in gradient) square += (double)g * g;
        if (!(square > 0)) return;
        var scale = _schedule.StepSize / Math.Sqrt(square);
        for (var i = 0; i < Point.Length; i++) Point[i] += (float)(scale * gradient[i]);
    }
}
