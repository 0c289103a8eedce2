using Codat.Native.Autograd;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>
/// The loss of a step on images it does not learn from: its own attack and loss, batch norm with running statistics.
/// </summary>
internal static class LossAudit
{
    // Attack starts of a restart that training does not have.
    private const int Restart = 1;

    /// <summary>
    /// The mean loss of each class; not-a-number for one without images, infinite where a loss is not finite.
    /// </summary>
    /// <param name="step">A step that was compiled with an audit; leaves weights, statistics and state alone.</param>
    /// <param name="images">The images.</param>
    /// <param name="epoch">Part of the random counters.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public static double[] ClassMeans(
        StepProgram step, IDataset images, int epoch, CancellationToken cancellation = default)
    {
        var tensors = step.Tensors;
        var counters = tensors.Counters.ToArray<int>();
        // The attack updates them where --attack-bn says so.
        var running = step.Network.RunningStatistics?.ToArray<float>();
        var (sums, counts) = (new double[images.Classes], new int[images.Classes]);
        try
        {
            tensors.Counters.CopyFrom<int>([epoch, Restart]);
            tensors.Moves.Clear();
            foreach (var batch in Enumerable.Range(0, images.Count).Chunk(step.Spec.Batch))
            {
                cancellation.ThrowIfCancellationRequested();
                Load(images, batch, tensors);
                var losses = step.Audit();
                for (var row = 0; row < batch.Length; row++)
                {
                    sums[images.Label(batch[row])] += losses[row];
                    counts[images.Label(batch[row])]++;
                }
            }
        }
        finally
        {
            tensors.Counters.CopyFrom<int>(counters);
            if (running is not null) step.Network.RunningStatistics?.CopyFrom<float>(running);
        }
        return [.. sums.Zip(counts, (sum, count) => double.IsFinite(sum) ? sum / count : double.PositiveInfinity)];
    }

    /// <summary>Rows beyond the images are padded with the first.</summary>
    private static void Load(IDataset images, int[] batch, StepTensors tensors)
    {
        var (rows, size) = (tensors.Labels.Shape[0], images.Shape.Bytes);
        var (pixels, labels, ids) = (new byte[rows * size], new int[rows], new int[rows]);
        for (var row = 0; row < rows; row++)
        {
            var image = batch[row < batch.Length ? row : 0];
            images.Read(image, pixels.AsSpan(row * size, size));
            (labels[row], ids[row]) = (images.Label(image), images.SampleId(image));
        }
        // Where the device holds all images, numbers are enough.
        if (tensors.Layout.PixelBytes > 0) tensors.Pixels.CopyFrom<byte>(pixels);
        tensors.Labels.CopyFrom<int>(labels);
        tensors.SampleIds.CopyFrom<int>(ids);
    }
}
