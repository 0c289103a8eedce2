using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The objective over class risks through a whole network, against PyTorch: published and exact
/// weights.</summary>
[Category("Golden")]
internal sealed class GoldenCodatTests
{
    private const int Batch = 32;
    private const ulong Case = 9;

    private static readonly GoldenFile s_file = GoldenFile.Open("losses");

    [Test]
    public void Objective_ValueWeightsAndGradients_AreTheRecordedOnes(
        [Values("0.1", "0.3", "1.0")] string eta, [Values] WeightSolver solver,
        [Values(DType.Float32, DType.Float64)] DType type)
    {
        var key = $"codat/{eta}/{(solver == WeightSolver.Exact ? "exact" : "published")}";
        using var runner = NetworkRunner.For("small-cnn", 1, 28, type);
        var images = runner.PutImages(GoldenValues.Images(Batch, 1, 28, 28, Case));
        var labels = runner.Graph.PutIntegers(GoldenValues.Labels(Batch, Case));
        var spec = new ClassWeightSpec { Kind = ClassWeightKind.Codat, Solver = solver };
        using var codat = new CodatRecorder(
            runner.Graph, NetworkRunner.Classes, spec, double.Parse(eta, CultureInfo.InvariantCulture));

        var (loss, gradients) = runner.ParameterGradients(graph => codat.Loss(
            graph, CodatRecorder.Losses(graph, runner, images, labels, ForwardMode.Train), graph.Bind(labels)));

        var isDouble = type == DType.Float64;
        // The recorder finds its exact weights by bisection, which is what limits them.
        var tolerance = isDouble ? 1e-9 : 1e-4;
        var present = s_file.Longs("codat/classes");
        Assert.That(codat.Status, Is.Zero);
        Assert.That(codat.Row(StepRecord.PresentRow).Sum(), Is.EqualTo(present.Length));
        GoldenCheck.EachClose(
            Of(present, codat.Row(StepRecord.RiskRow)), s_file.Doubles($"codat/{eta}/risk"), tolerance, "risks");
        GoldenCheck.Close(
            Of(present, codat.Row(StepRecord.WeightRow)), s_file.Doubles($"{key}/weight"), tolerance, "weights");
        GoldenCheck.EachClose([codat.Value, loss], [s_file.Scalar($"{key}/value"), s_file.Scalar($"{key}/value")],
            tolerance, "value");
        runner.CheckParameters(
            gradients, s_file, NetworkShapes(), $"{key}/gradient", isDouble);
    }

    private static double[] Of(long[] classes, double[] values) => Array.ConvertAll(classes, k => values[k]);

    private static IReadOnlyList<(string Name, int[] Shape)> NetworkShapes() => s_file.Parameters("small-cnn");
}
