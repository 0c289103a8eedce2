using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>Draws initial weights: He et al. 2015 (fan-in), counter-based, so that a tensor's values depend on seed
/// and place only.</summary>
internal static class Initialiser
{
    public static void Run(Network network, ulong seed)
    {
        for (var i = 0; i < network.Parameters.Count; i++) Fill(network.Parameters[i].Parameter, seed, i);
        foreach (var (_, buffer) in network.Buffers) FillRunning(buffer);
    }

    private static void Fill(Parameter parameter, ulong seed, int index)
    {
        var values = new double[parameter.Shape.Count];
        switch (parameter.Init)
        {
            case ParameterInit.He: Normal(values, Math.Sqrt(2.0 / parameter.FanIn), seed, index); break;
            case ParameterInit.LeCun: Normal(values, Math.Sqrt(1.0 / parameter.FanIn), seed, index); break;
            case ParameterInit.One: Array.Fill(values, 1); break;
        }
        Write(parameter.Value, values);
    }

    private static void FillRunning(Parameter moments)
    {
        var values = new double[moments.Shape.Count];
        Array.Fill(values, 1, values.Length / 2, values.Length / 2);
        Write(moments.Value, values);
    }

    private static void Normal(double[] values, double deviation, ulong seed, int index)
    {
        for (var i = 0; i < values.Length; i += 4)
        {
            Philox.Next(seed, (uint)index, 0, Philox.Use(RandomPurpose.Weights), (uint)(i / 4),
                out var a, out var b, out var c, out var d);
            var (n0, n1) = Philox.Normal(a, b);
            var (n2, n3) = Philox.Normal(c, d);
            ReadOnlySpan<double> four = [n0, n1, n2, n3];
            for (var j = 0; j < 4 && i + j < values.Length; j++) values[i + j] = deviation * four[j];
        }
    }

    private static void Write(Tensor tensor, double[] values)
    {
        if (tensor.Type == DType.Float64) tensor.CopyFrom<double>(values);
        else tensor.CopyFrom<float>(Array.ConvertAll(values, v => (float)v));
    }
}
