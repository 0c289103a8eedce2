using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The projection of FAB against bisection on the size of the change.</summary>
internal sealed class HyperplaneProjectionTests
{
    private const int Pixels = 23;

    [Test]
    public void Project_ReachablePlane_IsTheSmallestChangeInTheBox([Values] Norm norm, [Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        var point = Draw(random, v => (float)Math.Clamp(1.4 * v - 0.2, 0, 1)); // some on the faces of the box
        var weights = Draw(random, v => v < 0.1 ? 0 : (float)(4 * v - 2));
        var offset = (random.NextDouble() - 0.5) * 2 * Reach(norm, point, weights, random.Next(2) == 0 ? 1 : -1, double.MaxValue);
        var side = offset >= 0 ? 1 : -1;
        var change = new float[Pixels];

        var size = HyperplaneProjection.Project(norm, point, weights, offset, change);

        var most = Reach(norm, point, weights, side, double.MaxValue);
        Assume.That(Math.Abs(offset), Is.LessThan(0.999 * most));
        var (low, high) = (0.0, 1e6);
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            if (Reach(norm, point, weights, side, middle) < Math.Abs(offset)) low = middle;
            else high = middle;
        }
        Assert.That(weights.Zip(change, (w, c) => (double)w * c).Sum(), Is.EqualTo(-offset).Within(1e-5));
        for (var i = 0; i < Pixels; i++)
        {
            Assert.That(point[i] + change[i], Is.InRange(-1e-6, 1 + 1e-6));
            var length = weights[i] == 0 ? 0 : Math.Min(norm == Norm.Linf ? high : high * Math.Abs(weights[i]), Room(point, weights, side, i));
            Assert.That(change[i], Is.EqualTo(-side * Math.Sign(weights[i]) * length).Within(1e-5));
        }
        Assert.That(size, Is.EqualTo(norm == Norm.Linf ? change.Max(c => Math.Abs((double)c)) : Math.Sqrt(change.Sum(c => (double)c * c))).Within(1e-6));
    }

    [Test]
    public void Project_PlaneBeyondTheBox_GoesToTheNearestCorner([Values] Norm norm, [Values(-1, 1)] int side)
    {
        var random = new Random(3);
        var (point, weights) = (Draw(random, v => (float)v), Draw(random, v => (float)(v - 0.5)));
        var change = new float[Pixels];

        HyperplaneProjection.Project(norm, point, weights, side * 1000.0, change);

        for (var i = 0; i < Pixels; i++)
            Assert.That(point[i] + change[i], Is.EqualTo(side * weights[i] > 0 ? 0 : 1).Within(1e-6));
    }

    private static float[] Draw(Random random, Func<double, float> of) => [.. Enumerable.Range(0, Pixels).Select(_ => of(random.NextDouble()))];

    private static double Room(float[] point, float[] weights, int side, int i) => side * weights[i] > 0 ? point[i] : 1 - point[i];

    /// <summary>By how much a change of that scale moves the plane's value.</summary>
    private static double Reach(Norm norm, float[] point, float[] weights, int side, double scale) => Enumerable.Range(0, Pixels)
        .Where(i => weights[i] != 0)
        .Sum(i => Math.Abs(weights[i]) * Math.Min(norm == Norm.Linf ? scale : scale * Math.Abs(weights[i]), Room(point, weights, side, i)));
}
