namespace Codat.Native.Data;

/// <summary>Mean and standard deviation of every channel over a data set, of pixels divided by 255.</summary>
/// <param name="Mean">Mean of each channel.</param>
/// <param name="Std">Population standard deviation of each channel.</param>
public sealed record ChannelStatistics(double[] Mean, double[] Std)
{
    /// <summary>Goes over every pixel once; sums are exact integers, so the order of images cannot matter.</summary>
    public static ChannelStatistics Compute(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        int channels = dataset.Shape.Channels;
        var sum = new ulong[channels];
        var squares = new ulong[channels];
        var pixels = new byte[dataset.Shape.Bytes];
        for (int i = 0; i < dataset.Count; i++)
        {
            dataset.Read(i, pixels);
            for (int c = 0; c < channels; c++)
            {
                ulong imageSum = 0, imageSquares = 0;
                for (int p = c; p < pixels.Length; p += channels)
                {
                    uint value = pixels[p];
                    imageSum += value;
                    imageSquares += value * value;
                }

                sum[c] += imageSum;
                squares[c] += imageSquares;
            }
        }

        double count = (double)dataset.Count * dataset.Shape.Height * dataset.Shape.Width;
        var mean = new double[channels];
        var std = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            mean[c] = sum[c] / count / byte.MaxValue;
            // N sum(x^2) - sum(x)^2 is exact in 128 bits; subtracting rounded means would not be.
            UInt128 spread = (UInt128)(ulong)count * squares[c] - (UInt128)sum[c] * sum[c];
            std[c] = Math.Sqrt((double)spread) / count / byte.MaxValue;
        }

        return new ChannelStatistics(mean, std);
    }
}
