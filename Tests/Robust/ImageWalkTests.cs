using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The walks of the AutoAttack family where the answer is known.</summary>
internal sealed class ImageWalkTests
{
    private static readonly AttackKind[] s_white = [AttackKind.ApgdCe, AttackKind.ApgdDlr, AttackKind.ApgdT, AttackKind.FabT];

    [Test]
    public void WhiteBox_OnALinearModel_BreaksIfAndOnlyIfTheBoundaryIsInTheBall([ValueSource(nameof(s_white))] AttackKind kind, [Values] Norm norm,
        [Range(1, 6)] int seed)
    {
        // The largest cross-entropy of a ball need not be at its nearest boundary, unless there are but two classes.
        var model = new LinearModel(kind == AttackKind.ApgdCe ? 2 : 5, seed);
        var distance = model.Distance(norm);
        // The untargeted ratio follows the likeliest rival, who need not be the nearest: it may miss that by a little.
        var more = kind == AttackKind.ApgdDlr ? 1.15 : 1.01;

        var outside = model.Walk<ImageWalk>(Spec(kind, norm, 0.999 * distance));
        var inside = model.Walk<ImageWalk>(Spec(kind, norm, more * distance));

        Assert.That(outside.IsBroken, Is.False);
        Assert.That(outside.Margin, Is.GreaterThan(0));
        Assert.That(outside.Taken, Is.EqualTo(kind is AttackKind.ApgdT or AttackKind.FabT ? 400 : 100));
        Assert.That(inside.IsBroken, Is.True);
        Assert.That(inside.Margin, Is.LessThan(0));
        Assert.That(inside.Predicted, Is.Not.Zero.And.GreaterThan(0));
        Assert.That(inside.Taken, Is.LessThan(outside.Taken));
    }

    [Test]
    public void ApgdCe_OnManyClasses_FindsNoLowerLossThanTheStraightWayToAnyClass([Values] Norm norm, [Range(1, 6)] int seed)
    {
        var model = new LinearModel(5, seed);
        var radius = 0.99 * model.Distance(norm);
        var best = double.NegativeInfinity;

        model.Walk<ApgdWalk>(Spec(AttackKind.ApgdCe, norm, radius), x => best = Math.Max(best, model.CrossEntropy(x)));

        // The straight way is computed in double, the walk is in floats.
        Assert.That(best, Is.GreaterThanOrEqualTo(Enumerable.Range(1, 4).Max(k => model.CrossEntropy(model.Towards(k, norm, radius))) - 1e-5));
    }

    [Test]
    public void Fab_OnALinearModel_FindsTheNearestBoundary([Values] Norm norm, [Range(1, 6)] int seed)
    {
        var model = new LinearModel(5, seed);
        var distance = model.Distance(norm);

        var walk = model.Walk<FabWalk>(Spec(AttackKind.FabT, norm, 0.5 * distance));

        Assert.That(walk.IsBroken, Is.False);
        Assert.That(walk.Nearest, Is.InRange(distance, 1.01 * distance));
    }

    [Test]
    public void EveryAttack_WhereverItLooks_StaysInBallAndBoxExactly([Values(AttackKind.ApgdCe, AttackKind.ApgdDlr, AttackKind.ApgdT, AttackKind.Square)] AttackKind kind,
        [Values] Norm norm, [Values(0.1, 8.0 / 255, 0.7)] double eps)
    {
        // Twice too far to succeed, and a wide ball that the box cuts.
        var model = new LinearModel(5, 3);
        var points = 0;

        model.Walk<ImageWalk>(Spec(kind, norm, Math.Min(eps, 0.9 * model.Distance(norm))), x => Check(x, norm, Math.Min(eps, 0.9 * model.Distance(norm))));
        model.Walk<ImageWalk>(Spec(kind, norm, eps), x => Check(x, norm, eps));

        Assert.That(points, Is.GreaterThan(100));

        void Check(float[] x, Norm norm, double radius)
        {
            points++;
            double most = 0, square = 0;
            for (var i = 0; i < x.Length; i++)
            {
                var d = (double)x[i] - model.Image[i];
                (most, square) = (Math.Max(most, Math.Abs(d)), square + d * d);
            }
            Assert.That(x, Has.All.InRange(0f, 1f));
            Assert.That(norm == Norm.Linf ? most : Math.Sqrt(square), Is.LessThanOrEqualTo(radius));
        }
    }

    [Test]
    public void Square_BoundaryWellInside_FindsItWithoutGradients([Values] Norm norm, [Range(1, 3)] int seed)
    {
        var model = new LinearModel(5, seed);

        var inside = model.Walk<SquareWalk>(Spec(AttackKind.Square, norm, 1.6 * model.Distance(norm)));
        var outside = model.Walk<SquareWalk>(Spec(AttackKind.Square, norm, 0.99 * model.Distance(norm)));

        Assert.That((inside.IsBroken, outside.IsBroken), Is.EqualTo((true, false)));
        Assert.That(outside.Taken, Is.EqualTo(1000));
    }

    [Test]
    public void Square_Share_FollowsThePublishedSchedule() => Assert.That(
        new[] { 0, 10, 11, 50, 51, 200, 201, 500, 501, 1000, 1001, 2000, 2001, 4000, 4001, 4999 }.Select(q => 0.8 / SquareWalk.Share(q)),
        Is.EqualTo(new double[] { 1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 64, 64, 128, 128 }));

    [Test]
    public void Walk_SampleIdAndRestart_ChooseTheDraws([Values(AttackKind.ApgdCe, AttackKind.ApgdT, AttackKind.Square)] AttackKind kind, [Values] Norm norm)
    {
        var model = new LinearModel(5, 2);
        float[] Way(int id, int restart)
        {
            var way = new List<float>();
            model.Walk<ImageWalk>(Spec(kind, norm, 0.5 * model.Distance(norm)) with { Iterations = 3 }, way.AddRange, id, restart);
            return [.. way];
        }

        Assert.That(Way(1, 0), Is.EqualTo(Way(1, 0)));
        Assert.That(Way(1, 0), Is.Not.EqualTo(Way(2, 0)));
        Assert.That(Way(1, 0), Is.Not.EqualTo(Way(1, 1)));
    }

    [Test]
    public void Walk_ZeroAndNaNGradients_EndInsideTheBall([Values] Norm norm, [ValueSource(nameof(s_white))] AttackKind kind, [Values(0f, float.NaN)] float value)
    {
        var model = new LinearModel(5, 2);
        var spec = Spec(kind, norm, 0.01);
        var walk = spec.Create(model.Spec);
        walk.Begin(model.Image, 0, 0, 0);
        var gradient = new float[LinearModel.Pixels];
        Array.Fill(gradient, value);

        var looks = 0;
        while (!walk.Look([1, 0, 0, 0, 0], value, gradient)) looks++;

        Assert.That(walk.IsBroken, Is.False);
        Assert.That(walk.Margin, Is.EqualTo(1));
        Assert.That(looks, Is.GreaterThanOrEqualTo(100));
    }

    [Test]
    public void Of_TooFewClasses_IsRefusedWithTheReason([Values(2, 3, 4, 5)] int classes, [Values("apgd-dlr", "apgd-t", "fab-t", "apgd-ce")] string name)
    {
        var least = name switch { "apgd-dlr" => 3, "apgd-t" => 4, _ => 2 };

        if (classes >= least)
        {
            var spec = WalkSpec.Of(StripedNetwork.Attack(name), classes, 0);
            Assert.That(spec.Targets, Is.EqualTo(name.EndsWith("-t", StringComparison.Ordinal) ? classes - 1 : 0));
            return;
        }
        var error = Assert.Throws<Interop.CodatException>(() => WalkSpec.Of(StripedNetwork.Attack(name), classes, 0))!;
        Assert.That(error.What, Does.Contain("third"));
        Assert.That(error.Expected, Does.Contain($"{least} classes"));
    }

    private static WalkSpec Spec(AttackKind kind, Norm norm, double eps) =>
        new(kind, norm, eps, kind == AttackKind.Square ? 1000 : 100, kind is AttackKind.ApgdT or AttackKind.FabT ? 4 : 0, Seed: 7);
}
