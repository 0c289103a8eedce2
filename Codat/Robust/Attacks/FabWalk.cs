using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Fast adaptive boundary attack against one target after the other: steps onto the linearised boundary between label
/// and target, drawn towards the clean image, and back from every misclassified image. Croce and Hein 2020 (arXiv
/// 1907.02044), algorithm 1, without the final search, which the authors' code leaves out too.
/// </summary>
/// <remarks>
/// It searches outside the ball too: what it finds counts once it is inside. The first start is the image itself.
/// </remarks>
internal sealed class FabWalk(WalkSpec spec, NetworkSpec network) : ImageWalk(spec, network)
{
    private const float Overshoot = 1.05f, MostBias = 0.1f, Backward = 0.9f;

    private readonly int[] _targets = new int[spec.Targets];
    private readonly float[] _step = new float[network.Height * network.Width * network.Channels];
    private readonly float[] _fromClean = new float[network.Height * network.Width * network.Channels];
    private int _run, _iteration;
    private bool _isPulledBack;

    /// <summary>Distance of the nearest misclassified image found, wherever it lies.</summary>
    public double Nearest { get; private set; }

    protected override bool IsInside() => Ball.Distance(Point) <= Spec.Epsilon;

    protected override void Start()
    {
        _run = -1;
        Nearest = double.PositiveInfinity;
        Clean.CopyTo(Point, 0);
    }

    protected override bool Advance(
        ReadOnlySpan<float> logits, int predicted, float loss, ReadOnlySpan<float> gradient)
    {
        if (_run < 0)
        {
            Rank(logits, _targets);
            BeginRun(); // what was just seen was not yet aimed at a target
            return false;
        }
        if (predicted != Label)
        {
            Nearest = Math.Min(Nearest, Ball.Distance(Point));
        }
        if (_iteration == Spec.Iterations)
        {
            if (_run + 1 == _targets.Length) return true;
            BeginRun();
            return false;
        }
        if (predicted != Label && _iteration > 0 && !_isPulledBack)
        {
            for (var i = 0; i < Point.Length; i++) Point[i] = Clean[i] + Backward * (Point[i] - Clean[i]);
            _isPulledBack = true;
            return false;
        }
        Step(loss, gradient);
        return false;
    }

    /// <summary>Starts against the next target.</summary>
    private void BeginRun()
    {
        Target = _targets[++_run];
        (_iteration, _isPulledBack) = (0, false);
        if (Restart > 0)
        {
            Draw(Point, Spec.Norm == Norm.L2, Spec.Seed, SampleId, RandomPurpose.FabStart,
                Restart * WalkSpec.StandardTargets + _run);
            Ball.ToEdge(Point);
            for (var i = 0; i < Point.Length; i++) Point[i] = Math.Clamp(Clean[i] + Point[i] / 2, 0, 1);
        }
        else
        {
            Clean.CopyTo(Point, 0);
        }
    }

    /// <summary>From the gap (target minus label) and its gradient at the point.</summary>
    private void Step(float gap, ReadOnlySpan<float> gradient)
    {
        // On the linearised boundary: gap + gradient (x - point) = 0.
        double toClean = gap;
        for (var i = 0; i < Point.Length; i++) toClean += (double)gradient[i] * (Clean[i] - Point[i]);
        var near = Math.Max(HyperplaneProjection.Project(Spec.Norm, Point, gradient, gap, _step), 1e-8);
        var far = Math.Max(HyperplaneProjection.Project(Spec.Norm, Clean, gradient, toClean, _fromClean), 1e-8);
        var bias = (float)Math.Min(near / (near + far), MostBias);
        for (var i = 0; i < Point.Length; i++)
        {
            var moved = (Point[i] + Overshoot * _step[i]) * (1 - bias)
                + (Clean[i] + Overshoot * _fromClean[i]) * bias;
            Point[i] = Math.Clamp(moved, 0, 1);
        }
        _isPulledBack = false;
        _iteration++;
        Taken++;
    }
}
