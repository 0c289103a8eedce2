using Codat.Native.Autograd;

namespace Codat.Native.Tests;

/// <summary>What two devices must agree in.</summary>
internal enum Agreement
{
    /// <summary>Up to the order of sums.</summary>
    Close,

    /// <summary>In every bit, NaN for NaN.</summary>
    Exact,
}

/// <summary>A graph whose tensors a run leaves the same on every device.</summary>
internal sealed record CudaCase(string Name, Agreement Agreement, Func<GraphBench, Tensor[]> Build)
{
    /// <summary>A case that compares one value.</summary>
    public static CudaCase Of(string name, Agreement agreement, Func<GraphBench, Node> build) =>
        new(name, agreement, bench => [bench.Output(build(bench))]);

    /// <summary>Runs on a device and reads the tensors.</summary>
    public double[][] Run(Device device, DType type)
    {
        using var bench = new GraphBench(device, type);
        var tensors = Build(bench);
        using var program = bench.Compile();
        program["main"].Run();
        return Array.ConvertAll(tensors, GraphBench.Read);
    }

    public override string ToString() => Name;
}
