namespace Codat.Native.Tests;

/// <summary>Input data for op tests; every number is exact in float, so that float and double kernels see the same.</summary>
internal static class TestValues
{
    public static double[] Normal(long count, int seed, double scale = 1)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (var i = 0; i < values.Length; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(scale * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return values;
    }

    public static double[] Uniform(long count, int seed, double low, double high)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(low + (high - low) * random.NextDouble());
        return values;
    }

    /// <summary>
    /// Shuffled, evenly spaced numbers in (-scale, scale): no two closer than scale / count and none closer to zero than a
    /// tenth of that, so that a finite difference never crosses a kink of ReLU, |x| or a maximum.
    /// </summary>
    public static double[] Distinct(long count, int seed, double scale = 2)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(scale * ((2 * i + 1.3) / count - 1));
        random.Shuffle(values);
        return values;
    }

    public static int[] Labels(int count, int classes, int seed)
    {
        var random = new Random(seed);
        var labels = new int[count];
        for (var i = 0; i < labels.Length; i++) labels[i] = random.Next(classes);
        return labels;
    }
}
