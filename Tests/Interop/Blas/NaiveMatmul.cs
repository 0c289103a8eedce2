using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>A product by three loops, over small whole numbers.</summary>
internal sealed class NaiveMatmul(MatmulSpec spec, uint seed = 1)
{
    internal float[] A { get; } = SmallNumbers.Make(spec.M * spec.K, seed);

    internal float[] B { get; } = SmallNumbers.Make(spec.K * spec.N, seed + 1);

    internal float[] Product()
    {
        var result = new float[spec.M * spec.N];
        for (long m = 0; m < spec.M; m++)
        {
            for (long n = 0; n < spec.N; n++)
            {
                float sum = 0;
                for (long k = 0; k < spec.K; k++)
                {
                    float a = spec.TransposeA ? A[k * spec.M + m] : A[m * spec.K + k];
                    float b = spec.TransposeB ? B[n * spec.K + k] : B[k * spec.N + n];
                    sum += a * b;
                }
                result[m * spec.N + n] = sum;
            }
        }
        return result;
    }

    internal float[] Forward(float[] bias, bool isRelu)
    {
        float[] result = Product();
        for (long i = 0; i < result.Length; i++)
        {
            float sum = result[i] + bias[i % spec.N];
            result[i] = isRelu ? Math.Max(sum, 0) : sum;
        }
        return result;
    }

    internal static float[] ColumnSums(float[] matrix, long columns)
    {
        var sums = new float[columns];
        for (long i = 0; i < matrix.Length; i++) sums[i % columns] += matrix[i];
        return sums;
    }
}
