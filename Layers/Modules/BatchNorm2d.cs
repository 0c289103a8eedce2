using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>Batch norm over (N,H,W) of x (N,H,W,C); epsilon 1e-5, momentum 0.1, as PyTorch's default.</summary>
public sealed class BatchNorm2d : Module
{
    private readonly Parameter _gamma;
    private readonly Parameter _beta;
    private readonly Parameter _running;

    /// <summary>Declares <c>weight</c>, <c>bias</c> (C) and the buffer of running mean and variance (2,C).</summary>
    public BatchNorm2d(int channels)
    {
        _gamma = AddParameter("weight", new Shape(channels), ParameterInit.One);
        _beta = AddParameter("bias", new Shape(channels), ParameterInit.Zero);
        _running = AddBuffer(RunningName, new Shape(2, channels), ParameterInit.One);
    }

    /// <summary>The buffer's name here; weight files hold its rows as <c>running_mean</c> and
    /// <c>running_var</c>.</summary>
    internal const string RunningName = "running";

    /// <inheritdoc/>
    public override Node Forward(ForwardContext context, Node x)
    {
        ArgumentNullException.ThrowIfNull(context);
        var graph = context.Graph;
        var (gamma, beta) = (graph.Bind(_gamma.Value), graph.Bind(_beta.Value));
        if (context.Mode == ForwardMode.Eval) return graph.BatchNormEval(x, graph.Bind(_running.Value), gamma, beta);
        var moments = graph.BatchMoments(x);
        if (context.Mode == ForwardMode.Train) context.Update(_running.Value, moments, x.Shape.Rows);
        return graph.BatchNorm(x, moments, gamma, beta);
    }
}
