using Codat.Native.Autograd;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A network with the recorded weights, and the few things that comparisons ask of it.</summary>
internal sealed class NetworkRunner : IDisposable
{
    public const int Classes = 10;

    private readonly Tensor _noFailure;

    public NetworkRunner(NetworkSpec spec, DType type, CpuOptions? options = null)
    {
        Graph = new GraphRunner(type, options);
        Network = Network.Create(spec, Graph.Device, seed: 1, type);
        _noFailure = Graph.PutIntegers(0, 0);
        LoadRecordedState(GoldenValues.Gain(spec.Model));
    }

    public Network Network { get; }

    public GraphRunner Graph { get; }

    /// <summary>A network for the images of a case of `networks`: `resnet18`, `small-cnn-rgb`.</summary>
    public static NetworkRunner For(string name, int channels, int side, DType type) =>
        new(new NetworkSpec(ModelOf(name), side, side, channels, Classes), type);

    /// <summary>The model of a case: its name without the colour.</summary>
    public static string ModelOf(string name) => name.Replace("-rgb", "", StringComparison.Ordinal);

    /// <summary>Images in PyTorch's order as a tensor in ours.</summary>
    public Tensor PutImages(float[] images)
    {
        var spec = Network.Spec;
        var count = images.Length / (spec.Height * spec.Width * spec.Channels);
        var values = TorchOrder.ChannelsLast(GoldenValues.Widen(images), count, spec.Channels, spec.Height, spec.Width);
        return Graph.Put(new Shape(count, spec.Height, spec.Width, spec.Channels), values, "images");
    }

    /// <summary>The logits of images, running statistics updated where the mode asks for it.</summary>
    public double[] Logits(Tensor images, ForwardMode mode) => Graph.Run(graph =>
    {
        var context = new ForwardContext(graph, mode);
        var logits = Network.Forward(context, graph.Bind(images));
        context.UpdateRunningStatistics(_noFailure);
        return [logits];
    })[0];

    /// <summary>Per-image cross-entropies of images.</summary>
    public double[] Losses(Tensor images, Tensor labels) => Graph.Run(graph =>
        [graph.SoftmaxCrossEntropy(Forward(graph, images, ForwardMode.Eval), graph.Bind(labels))])[0];

    /// <summary>Records the network without updates of running statistics.</summary>
    public Node Forward(GraphBuilder graph, Tensor images, ForwardMode mode) =>
        Network.Forward(new ForwardContext(graph, mode), graph.Bind(images));

    /// <summary>A scalar and its gradient with respect to every parameter, in our order of elements.</summary>
    public (double Value, double[][] Gradients) ParameterGradients(Func<GraphBuilder, Node> loss)
    {
        var all = Graph.Run(graph =>
        {
            var value = loss(graph);
            return [value, .. graph.Gradients(value, Network.BindParameters(graph))];
        });
        return (all[0][0], all[1..]);
    }

    /// <summary>Compares values of every parameter, our order, with recorded norms and samples in PyTorch's order of
    /// parameters.</summary>
    public void CheckParameters(
        double[][] values, GoldenFile file, IReadOnlyList<(string Name, int[] Shape)> torch, string key, bool isDouble)
    {
        var order = Network.Parameters.Select(p => p.Name).ToList();
        var (norms, samples) = (file.Doubles($"{key}/norm"), file.Doubles($"{key}/sample"));
        var each = samples.Length / norms.Length;
        var actualNorms = new double[norms.Length];
        var actualSamples = new List<double>();
        Assert.That(norms, Has.Length.EqualTo(values.Length), key);
        for (var i = 0; i < norms.Length; i++)
        {
            var at = order.IndexOf(torch[i].Name);
            Assert.That(at, Is.GreaterThanOrEqualTo(0), torch[i].Name);
            var inTorchOrder = TorchOrder.ToTorch(Network.Parameters[at].Parameter, values[at]);
            actualNorms[i] = Norm(inTorchOrder);
            actualSamples.AddRange(GoldenValues.Sample(inTorchOrder, each));
            var expected = samples.AsSpan(i * each, each).ToArray();
            var actual = actualSamples.GetRange(i * each, each).ToArray();
            if (isDouble)
                GoldenCheck.Close(actual, expected, GoldenCheck.DoubleTolerance * 10, $"{key} {torch[i].Name}");
        }

        if (isDouble)
        {
            GoldenCheck.EachClose(actualNorms, norms, 1e-9, $"{key}/norm");
            return;
        }

        GoldenCheck.EachClose(actualNorms, norms, GoldenCheck.GradientNormTolerance, $"{key}/norm");
        GoldenCheck.MostlyClose(
            [.. actualSamples], samples, GoldenCheck.GradientTolerance, GoldenCheck.GradientShare, $"{key}/sample");
    }

    /// <summary>The mean of a row of batch norm's running statistics by PyTorch's name.</summary>
    public double[] Running(string name)
    {
        var isVariance = name.EndsWith("_var", StringComparison.Ordinal);
        var ours = name[..name.LastIndexOf('_')];
        var found = Network.Buffers.First(b => b.Name == ours);
        var values = GraphRunner.Read(found.Parameter.Value);
        return isVariance ? values[(values.Length / 2)..] : values[..(values.Length / 2)];
    }

    public static double Norm(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value * value;
        return Math.Sqrt(sum);
    }

    public void Dispose()
    {
        Network.Dispose();
        Graph.Dispose();
    }

    private void LoadRecordedState(double gain)
    {
        foreach (var (name, parameter) in Network.Parameters)
        {
            var values = GoldenValues.Widen(GoldenValues.State(name, TorchOrder.ShapeOf(parameter), gain));
            GraphRunner.Write(parameter.Value, TorchOrder.FromTorch(parameter, values));
        }

        foreach (var (name, buffer) in Network.Buffers)
        {
            int[] channels = [buffer.Shape[1]];
            var mean = GoldenValues.Widen(GoldenValues.State(name + "_mean", channels));
            var variance = GoldenValues.Widen(GoldenValues.State(name + "_var", channels));
            GraphRunner.Write(buffer.Value, [.. mean, .. variance]);
        }
    }
}
