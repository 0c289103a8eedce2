using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The gradient of the objective, from first principles: class gradients one by one, and differences of the
/// value.</summary>
internal sealed class CodatGradientTests
{
    private const int Batch = 12;
    private const int Classes = 4;
    private const double Eta = 0.2;

    [Test]
    public void Objective_Gradient_IsTheWeightedSumOfClassGradients(
        [Values("mlp", "small-cnn", "wrn-10-1", "resnet18")] string model, [Values] WeightSolver solver)
    {
        using var problem = new Problem(model, solver, ForwardMode.Train);

        var (_, objective) = problem.Runner.ParameterGradients(problem.Objective);

        var weights = problem.Codat.Row(StepRecord.WeightRow);
        var sums = Array.ConvertAll(objective, g => new double[g.Length]);
        foreach (var k in problem.Present)
        {
            var (_, gradients) = problem.Runner.ParameterGradients(graph => problem.ClassMean(graph, k));
            for (var p = 0; p < sums.Length; p++)
                for (var i = 0; i < sums[p].Length; i++) sums[p][i] += weights[k] * gradients[p][i];
        }

        Assert.That(weights.Sum(), Is.EqualTo(1).Within(1e-12));
        Assert.That(weights.Distinct().Count(), Is.EqualTo(problem.Present.Length + 1), "weights that differ, and 0");
        for (var p = 0; p < sums.Length; p++)
            GoldenCheck.Close(objective[p], sums[p], 1e-10, problem.Runner.Network.Parameters[p].Name);
    }

    [Test]
    public void Objective_Gradient_IsTheSlopeOfMeanPlusRootOfVariance(
        [Values("mlp", "small-cnn", "wrn-10-1")] string model,
        [Values(ForwardMode.Eval, ForwardMode.BatchStats)] ForwardMode mode)
    {
        using var problem = new Problem(model, WeightSolver.Published, mode);

        var (_, gradients) = problem.Runner.ParameterGradients(problem.Objective);

        Assert.That(problem.Codat.Value, Is.EqualTo(problem.MeanPlusRoot()).Within(1e-12));
        CheckSlopes(problem, gradients, problem.MeanPlusRoot);
    }

    [Test]
    public void Objective_GradientOfExactWeights_IsTheSlopeOfTheWorstCase([Values("mlp", "small-cnn")] string model)
    {
        // A radius beyond 1 / (K - 1): some class has no weight, so the worst case is not mean plus root any more.
        using var problem = new Problem(model, WeightSolver.Exact, ForwardMode.Eval, eta: 1.9);

        var (_, gradients) = problem.Runner.ParameterGradients(problem.Objective);

        var weights = problem.Codat.Row(StepRecord.WeightRow);
        Assert.That(problem.Present.Count(k => weights[k] == 0), Is.GreaterThan(0));
        CheckSlopes(problem, gradients, problem.ValueOnly);
    }

    private static void CheckSlopes(Problem problem, double[][] gradients, Func<double> value)
    {
        const double Step = 1e-6;
        const int Samples = 3;
        var parameters = problem.Runner.Network.Parameters;
        for (var p = 0; p < parameters.Count; p++)
        {
            var (name, tensor) = (parameters[p].Name, parameters[p].Parameter.Value);
            var original = tensor.ToArray<double>();
            var largest = gradients[p].Max(Math.Abs);
            foreach (var i in GoldenValues.SampleIndices(Samples, original.Length))
            {
                var moved = (double[])original.Clone();
                moved[i] = original[i] + Step;
                GraphRunner.Write(tensor, moved);
                var above = value();
                moved[i] = original[i] - Step;
                GraphRunner.Write(tensor, moved);
                var slope = (above - value()) / (2 * Step);
                Assert.That(slope, Is.EqualTo(gradients[p][i]).Within(1e-6 * Math.Max(largest, 1e-2)), $"{name}[{i}]");
            }

            GraphRunner.Write(tensor, original);
        }
    }

    /// <summary>A small network on a small batch that lacks one class, in double.</summary>
    private sealed class Problem : IDisposable
    {
        private readonly int[] _labels = [0, 1, 1, 3, 0, 3, 3, 1, 0, 0, 0, 0];
        private readonly double _eta;
        private readonly ForwardMode _mode;
        private readonly Tensor _images, _labelTensor, _loss;
        private readonly Lazy<PlanProgram> _lossProgram, _objectiveProgram;

        public Problem(string model, WeightSolver solver, ForwardMode mode, double eta = Eta)
        {
            (_eta, _mode) = (eta, mode);
            var channels = model is "mlp" ? 1 : 3;
            Runner = new NetworkRunner(new NetworkSpec(model, 8, 8, channels, Classes), DType.Float64);
            _images = Runner.PutImages(GoldenValues.Images(Batch, channels, 8, 8, seed: 5));
            _labelTensor = Runner.Graph.PutIntegers(_labels);
            _loss = Runner.Graph.Zeros(new Shape(Batch), "losses");
            var spec = new ClassWeightSpec { Kind = ClassWeightKind.Codat, Solver = solver };
            Codat = new CodatRecorder(Runner.Graph, Classes, spec, eta);
            _lossProgram = new(() => Runner.Graph.Compile(graph => graph.Store(_loss, Losses(graph))));
            _objectiveProgram = new(() => Runner.Graph.Compile(graph => Objective(graph)));
        }

        public NetworkRunner Runner { get; }

        public CodatRecorder Codat { get; }

        public int[] Present => [.. _labels.Distinct().Order()];

        public Node Objective(GraphBuilder graph) => Codat.Loss(graph, Losses(graph), graph.Bind(_labelTensor));

        /// <summary>The mean loss of one class, put together without any of the class risk ops.</summary>
        public Node ClassMean(GraphBuilder graph, int k)
        {
            var count = _labels.Count(label => label == k);
            var mask = Array.ConvertAll(_labels, label => label == k ? 1.0 / count : 0);
            var shares = Runner.Graph.Put(new Shape(Batch), mask);
            return graph.SumAll(graph.Multiply(Losses(graph), graph.Bind(shares)));
        }

        /// <summary>E + sqrt(eta Var) of the class means, on the host.</summary>
        public double MeanPlusRoot()
        {
            _lossProgram.Value["run"].Run();
            var losses = _loss.ToArray<double>();
            var risks = Array.ConvertAll(Present, k => losses.Where((_, i) => _labels[i] == k).Average());
            var mean = risks.Average();
            return mean + Math.Sqrt(_eta * risks.Average(risk => (risk - mean) * (risk - mean)));
        }

        /// <summary>The objective's value as the weight step computes it.</summary>
        public double ValueOnly()
        {
            _objectiveProgram.Value["run"].Run();
            return Codat.Value;
        }

        public void Dispose()
        {
            if (_lossProgram.IsValueCreated) _lossProgram.Value.Dispose();
            if (_objectiveProgram.IsValueCreated) _objectiveProgram.Value.Dispose();
            Codat.Dispose();
            Runner.Dispose();
        }

        private Node Losses(GraphBuilder graph) => CodatRecorder.Losses(graph, Runner, _images, _labelTensor, _mode);
    }
}
