namespace Codat.Native.Interop;

/// <summary>The operation graph of a specification, and its tensors in memory by role.</summary>
internal sealed class ConvolutionGraph : IDisposable
{
    private ConvolutionGraph(OperationGraph graph) => Graph = graph;

    internal OperationGraph Graph { get; }

    internal GraphTensor? Input { get; private set; }

    internal GraphTensor? Filter { get; private set; }

    internal GraphTensor? Output { get; private set; }

    internal GraphTensor? Bias { get; private set; }

    internal GraphTensor? Addend { get; private set; }

    internal GraphTensor? ReluSource { get; private set; }

    internal static ConvolutionGraph Build(CudnnHandle handle, in ConvolutionSpec spec)
    {
        var graph = new ConvolutionGraph(new OperationGraph(handle, spec.ComputeType, spec.Alignment));
        try
        {
            switch (spec.Direction)
            {
                case ConvolutionDirection.Forward:
                    graph.BuildForward(spec);
                    break;
                case ConvolutionDirection.BackwardData:
                    graph.BuildBackwardData(spec);
                    break;
                case ConvolutionDirection.BackwardFilter:
                    graph.BuildBackwardFilter(spec);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(spec));
            }
            return graph;
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    public void Dispose() => Graph.Dispose();

    private void BuildForward(in ConvolutionSpec spec)
    {
        Input = Graph.Tensor(spec.OperandType, spec.InputDims);
        Filter = Graph.Tensor(spec.OperandType, spec.FilterDims);
        Output = Graph.Tensor(spec.ResultType, spec.OutputDims);
        var left = spec.Epilogue;
        var result = Next(spec, left);
        Graph.Convolution(spec, Input, Filter, result);
        if (left.HasFlag(ConvolutionEpilogue.Bias))
        {
            // A parameter: not rounded to the type of activations.
            Bias = Graph.Tensor(spec.ComputeType, spec.BiasDims);
            left &= ~ConvolutionEpilogue.Bias;
            var sum = Next(spec, left);
            Graph.Add(result, Bias, sum);
            result = sum;
        }
        if (left.HasFlag(ConvolutionEpilogue.Addend))
        {
            Addend = Graph.Tensor(spec.ResultType, spec.OutputDims);
            left &= ~ConvolutionEpilogue.Addend;
            var sum = Next(spec, left);
            Graph.Add(result, Addend, sum);
            result = sum;
        }
        if (left.HasFlag(ConvolutionEpilogue.Relu)) Graph.Relu(result, Output);
    }

    // Where the next operation writes: to memory once nothing is left to do.
    private GraphTensor Next(in ConvolutionSpec spec, ConvolutionEpilogue left) =>
        left == ConvolutionEpilogue.None && Output is { } output ? output : Graph.Virtual(spec.OutputDims);

    private void BuildBackwardData(in ConvolutionSpec spec)
    {
        Output = Graph.Tensor(spec.OperandType, spec.OutputDims);
        Filter = Graph.Tensor(spec.OperandType, spec.FilterDims);
        Input = Graph.Tensor(spec.ResultType, spec.InputDims);
        if (spec.Epilogue == ConvolutionEpilogue.None)
        {
            Graph.Convolution(spec, Input, Filter, Output);
            return;
        }
        var gradient = Graph.Virtual(spec.InputDims);
        Graph.Convolution(spec, gradient, Filter, Output);
        ReluSource = Graph.Tensor(spec.OperandType, spec.InputDims);
        Graph.ReluGradient(gradient, ReluSource, Input);
    }

    private void BuildBackwardFilter(in ConvolutionSpec spec)
    {
        Input = Graph.Tensor(spec.OperandType, spec.InputDims);
        Output = Graph.Tensor(spec.OperandType, spec.OutputDims);
        Filter = Graph.Tensor(spec.ResultType, spec.FilterDims);
        Graph.Convolution(spec, Input, Filter, Output);
    }
}
