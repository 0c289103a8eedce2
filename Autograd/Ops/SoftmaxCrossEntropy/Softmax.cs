using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>Softmax of one row in double: rows are short, so accuracy costs nothing.</summary>
internal static class Softmax
{
    /// <summary>The largest logit, and the logarithm of the sum of exponentials relative to it.</summary>
    public static (double Max, double LogSum) LogSumExp<T>(ReadOnlySpan<T> logits)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var max = double.NegativeInfinity;
        foreach (var z in logits)
        {
            var v = double.CreateTruncating(z);
            if (!(v <= max)) max = v;
        }
        double sum = 0;
        foreach (var z in logits) sum += Math.Exp(double.CreateTruncating(z) - max);
        return (max, Math.Log(sum));
    }

    public static double Probability<T>(T logit, double max, double logSum)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Math.Exp(double.CreateTruncating(logit) - max - logSum);
}
