using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Batches for the host processor: copied at once.</summary>
internal sealed class CpuBatchImport : BatchImport
{
    private readonly int[] _rowNumbers;

    public CpuBatchImport(NetworkSpec spec, int batch) : base(spec, batch)
    {
        _rowNumbers = new int[batch];
        for (var i = 0; i < batch; i++) _rowNumbers[i] = i;
    }

    public override void Load(in DeviceBatch batch, int rows, BatchTarget target) => CheckMemory(batch, rows);

    public override void Load(HostBatch batch, int rows, BatchTarget target)
    {
        Convert(batch, target.Images.Span<float>());
        Convert(batch, target.Labels.Span<int>());
        if (!batch.SampleIds.IsEmpty) batch.SampleIds.CopyTo(target.SampleIds.Span<int>());
        else if (!target.HasRowNumbers) _rowNumbers.CopyTo(target.SampleIds.Span<int>());
        target.HasRowNumbers = batch.SampleIds.IsEmpty;
    }

    public override void Copy(Tensor from, Tensor to)
    {
        if (from.Type == DType.Int32) from.Span<int>().CopyTo(to.Span<int>());
        else from.Span<float>().CopyTo(to.Span<float>());
    }

    public override void Set(Tensor tensor, double value)
    {
        if (tensor.Type == DType.Int32) tensor.Span<int>()[0] = (int)value;
        else if (tensor.Type == DType.Float32) tensor.Span<float>()[0] = (float)value;
        else tensor.Span<double>()[0] = value;
    }

    protected override void CheckMemory(in DeviceBatch batch, int rows) =>
        throw Bad("images", "host memory: the engine runs on the processor", "device memory",
            "hand in a host batch, or create the engine with a CUDA context");
}
