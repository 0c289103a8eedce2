using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Brings batches of the host application into a program's memory, in the order of the engine's stream.
/// </summary>
/// <remarks>
/// What is checked is checked before anything is enqueued. A partial batch leaves the other rows alone.
/// </remarks>
internal abstract class BatchImport(NetworkSpec spec, int batch) : IDisposable
{
    /// <summary>How far outside of [0,1] a pixel is still taken for rounding; also in the kernel.</summary>
    protected const float Slack = 0.001f;

    protected int Batch { get; } = batch;

    protected int Channels { get; } = spec.Channels;

    protected int Pixels { get; } = spec.Height * spec.Width;

    protected int Run => Channels * Pixels;

    public static BatchImport Create(Network network, int batch) => network.Device is CudaDevice cuda
        ? new CudaBatchImport(cuda, network.Spec, batch)
        : new CpuBatchImport(network.Spec, batch);

    /// <summary>Refuses a batch that cannot be loaded; returns its rows.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="use">What for: what must be there.</param>
    public int Check(in DeviceBatch batch, BatchUse use)
    {
        var rows = CheckSizes(batch.Values, batch.LabelCount, batch.SampleIds.Length, use);
        CheckMemory(batch, rows);
        return rows;
    }

    /// <summary>Refuses a batch that cannot be loaded; returns its rows.</summary>
    public int Check(HostBatch batch, BatchUse use)
    {
        var rows = CheckSizes(batch.Values, batch.LabelCount, batch.SampleIds.Length, use);
        for (var i = 0; i < batch.LabelCount; i++)
        {
            var label = batch.Labels.IsEmpty ? batch.WideLabels[i] : batch.Labels[i];
            if (label >= 0 && label < spec.Classes) continue;
            throw Bad($"label {Text(i)}", $"a class from 0 to {Text(spec.Classes - 1)}", Text(label));
        }
        return rows;
    }

    /// <summary>Enqueues the copy of a checked batch.</summary>
    public abstract void Load(in DeviceBatch batch, int rows, BatchTarget target);

    /// <summary>Copies a checked batch; its memory may change afterwards.</summary>
    public abstract void Load(HostBatch batch, int rows, BatchTarget target);

    /// <summary>Copies between tensors of one type and size.</summary>
    public abstract void Copy(Tensor from, Tensor to);

    /// <summary>Writes one number into a tensor's first element, without waiting for anything.</summary>
    public abstract void Set(Tensor tensor, double value);

    public virtual void Dispose()
    {
    }

    protected abstract void CheckMemory(in DeviceBatch batch, int rows);

    /// <summary>Pixels of a host batch as floats (N,H,W,C), as the kernels make them.</summary>
    protected void Convert(HostBatch batch, Span<float> images)
    {
        for (var at = 0; at < batch.Values; at++)
        {
            var from = batch.Layout == ImageLayout.Nhwc ? at : Planar(at);
            images[at] = batch.Floats.IsEmpty ? batch.Bytes[from] / 255f : Pixel(batch.Floats[from]);
        }
    }

    protected static void Convert(HostBatch batch, Span<int> labels)
    {
        batch.Labels.CopyTo(labels);
        for (var i = 0; i < batch.WideLabels.Length; i++) labels[i] = (int)batch.WideLabels[i]; // checked to be classes
    }

    protected static CodatException Bad(string where, string expected, string found, string? fix = null) =>
        new("the batch cannot be used", where, expected, found, fix);

    private static float Pixel(float value) =>
        value is >= -Slack and <= 1 + Slack ? Math.Clamp(value, 0f, 1f) : float.NaN;

    private int Planar(int at)
    {
        var (sample, inside) = (at / Run, at % Run);
        return sample * Run + inside % Channels * Pixels + inside / Channels;
    }

    private int CheckSizes(long values, long labels, long ids, BatchUse use)
    {
        var rows = values / Run;
        var fits = values % Run == 0 && (use == BatchUse.Train ? rows == Batch : rows >= 1 && rows <= Batch);
        if (!fits)
        {
            var size = $"{Text(spec.Height)}x{Text(spec.Width)}x{Text(spec.Channels)}";
            throw Bad("images", use == BatchUse.Train
                ? $"{Text(Batch)} images of {size}, {Text((long)Batch * Run)} values"
                : $"1 to {Text(Batch)} whole images of {size}, {Text(Run)} values each", $"{Text(values)} values");
        }
        if (labels != rows && (use != BatchUse.Predict || labels != 0))
            throw Bad("labels", $"{Text(rows)}, one for each image", Text(labels));
        if (ids != 0 && ids != rows) throw Bad("sample ids", $"{Text(rows)}, or none", Text(ids));
        return (int)rows;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a batch is for.</summary>
internal enum BatchUse
{
    Train,
    Evaluate,
    Predict,
}
