using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>Losses of 128 samples, each with its gradient.</summary>
public class LossBenchmarks : OpBenchmark
{
    private const int Batch = 128;

    /// <summary>Classes.</summary>
    [Params(10, 100, 1000)]
    public int Classes { get; set; }

    /// <summary>Cross-entropy.</summary>
    [GlobalSetup(Target = nameof(CrossEntropy))]
    public void SetUpCrossEntropy()
    {
        var logits = Logits();
        CompileWithGradient(Graph.SoftmaxCrossEntropy(logits, Labels(Batch, Classes)), logits);
    }

    /// <summary>Kullback-Leibler divergence, the loss of TRADES; the gradient of the second argument.</summary>
    [GlobalSetup(Target = nameof(KlDivergence))]
    public void SetUpKlDivergence()
    {
        var attacked = Logits();
        CompileWithGradient(Graph.KlDivergence(Logits(), attacked), attacked);
    }

    /// <summary>The margin loss.</summary>
    [GlobalSetup(Target = nameof(Margin))]
    public void SetUpMargin()
    {
        var logits = Logits();
        CompileWithGradient(Graph.Margin(logits, Labels(Batch, Classes)), logits);
    }

    /// <summary>Cross-entropy.</summary>
    [Benchmark]
    public void CrossEntropy() => Run();

    /// <summary>Kullback-Leibler divergence.</summary>
    [Benchmark]
    public void KlDivergence() => Run();

    /// <summary>The margin loss.</summary>
    [Benchmark]
    public void Margin() => Run();

    private Node Logits() => Input(Batch, Classes);

    private void CompileWithGradient(Node loss, Node logits) =>
        Compile(loss, Graph.Gradients(Graph.SumAll(loss), logits)[0]);
}
