using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Attacks as they are defined, in loops over doubles; only the network's gradient is taken from the library.</summary>
internal sealed class AttackReference : IDisposable
{
    private readonly GraphRunner _runner = new(DType.Float64);
    private readonly Network _network;
    private readonly Shape _shape;

    public AttackReference(StripedNetwork trained)
    {
        _network = trained.On(_runner.Device, DType.Float64);
        Count = trained.Test.Count;
        // Stored levels are float32 for every network.
        Images = Array.ConvertAll(SmallData.Pixels(trained.Test), level => (double)(level / 255f));
        Labels = SmallData.Labels(trained.Test);
        _shape = new Shape(Count, 16, 16, 3);
    }

    public int Count { get; }

    public double[] Images { get; }

    public int[] Labels { get; }

    public double[][] Logits(double[] images)
    {
        var x = _runner.Put(_shape, images);
        return Rows(_runner.Run(graph => [_network.Forward(new ForwardContext(graph, ForwardMode.Eval), graph.Bind(x))])[0]);
    }

    /// <summary>One step of ascent on the cross-entropy or the margin, projected and clipped.</summary>
    public double[] Step(double[] from, double[] clean, Norm norm, double eps, double step, AttackLoss loss = AttackLoss.CrossEntropy)
    {
        var gradient = Gradient(from, loss);
        var moved = new double[from.Length];
        var run = from.Length / Count;
        for (var n = 0; n < Count; n++)
        {
            var range = Enumerable.Range(n * run, run).ToArray();
            var length = Math.Sqrt(range.Sum(i => gradient[i] * gradient[i]));
            foreach (var i in range)
                moved[i] = from[i] + step * (norm == Norm.Linf ? Math.Sign(gradient[i]) : length == 0 ? 0 : gradient[i] / length) - clean[i];
            var far = Math.Sqrt(range.Sum(i => moved[i] * moved[i]));
            foreach (var i in range)
            {
                var delta = norm == Norm.Linf ? Math.Clamp(moved[i], -eps, eps) : far > eps ? moved[i] * eps / far : moved[i];
                moved[i] = Math.Clamp(clean[i] + delta, 0, 1);
            }
        }
        return moved;
    }

    public void CheckInside(double[] images, Norm norm, double eps)
    {
        Assert.That(images, Has.All.InRange(0.0, 1.0));
        var run = images.Length / Count;
        for (var n = 0; n < Count; n++)
        {
            var deltas = Enumerable.Range(n * run, run).Select(i => images[i] - Images[i]).ToArray();
            var size = norm == Norm.Linf ? deltas.Max(Math.Abs) : Math.Sqrt(deltas.Sum(d => d * d));
            Assert.That(size, Is.LessThanOrEqualTo(eps * (1 + 1e-6)).And.GreaterThan(0.3 * eps));
        }
    }

    public static int ArgMax(double[] logits) => Array.IndexOf(logits, logits.Max());

    public static double CrossEntropy(double[] logits, int label)
    {
        var most = logits.Max();
        return most + Math.Log(logits.Sum(z => Math.Exp(z - most))) - logits[label];
    }

    public void Dispose()
    {
        _network.Dispose();
        _runner.Dispose();
    }

    /// <summary>The network's vector-Jacobian product with the derivative of the loss in the logits, worked out here.</summary>
    public double[] Gradient(double[] images, AttackLoss loss)
    {
        var logits = Logits(images);
        var seeds = new double[Count * SmallData.Classes];
        for (var n = 0; n < Count; n++)
        {
            var own = seeds.AsSpan(n * SmallData.Classes, SmallData.Classes);
            if (loss == AttackLoss.Margin)
            {
                var rival = Enumerable.Range(0, SmallData.Classes).Where(k => k != Labels[n]).MaxBy(k => logits[n][k]);
                own[rival] = 1;
            }
            else
            {
                var most = logits[n].Max();
                var sum = logits[n].Sum(z => Math.Exp(z - most));
                for (var k = 0; k < own.Length; k++) own[k] = Math.Exp(logits[n][k] - most) / sum;
            }
            own[Labels[n]] -= 1;
        }
        var x = _runner.Put(_shape, images);
        var seed = _runner.Put(new Shape(Count, SmallData.Classes), seeds);
        return _runner.Run(graph =>
        {
            var input = graph.Bind(x);
            var output = _network.Forward(new ForwardContext(graph, ForwardMode.Eval), input);
            return [graph.Gradients(graph.SumAll(graph.Multiply(output, graph.Bind(seed))), input)[0]];
        })[0];
    }

    private static double[][] Rows(double[] values) => [.. values.Chunk(SmallData.Classes)];
}
