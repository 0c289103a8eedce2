using System.Runtime.InteropServices;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Batches for a CUDA device: device memory by kernels, host memory through page-locked slots.</summary>
/// <remarks>
/// A device batch is never waited for. A host batch waits only while as many uploads as there are slots are under way.
/// </remarks>
internal sealed class CudaBatchImport : BatchImport
{
    private const int Slots = 3;

    private readonly CudaDevice _device;
    private readonly CudaKernel<ImportBatchArgs> _bytes, _floats, _wideLabels;
    private readonly Tensor _rowNumbers;
    private readonly int[] _labels;
    private PinnedRing? _staging;

    public CudaBatchImport(CudaDevice device, NetworkSpec spec, int batch) : base(spec, batch)
    {
        _device = device;
        _bytes = Kernel("import_bytes");
        _floats = Kernel("import_floats");
        _wideLabels = Kernel("import_labels");
        _labels = new int[batch];
        for (var i = 0; i < batch; i++) _labels[i] = i;
        _rowNumbers = device.Allocate(DType.Int32, new Shape(batch), "row-numbers");
        _rowNumbers.CopyFrom<int>(_labels);
    }

    private CudaStream Stream => _device.Stream;

    public override void Load(in DeviceBatch batch, int rows, BatchTarget target)
    {
        var images = Args(batch.Images.Address, target.Images, batch.Values) with
        {
            Channels = Channels, Pixels = Pixels, IsPlanar = batch.Layout == ImageLayout.Nchw ? 1 : 0,
        };
        (batch.IsFloat ? _floats : _bytes).Launch(Stream, LaunchShape.ForElements(images.Count), images);
        if (batch.LabelCount > 0 && batch.LabelBytes == sizeof(int))
            Stream.EnqueueCopy(batch.Labels, Bytes(target.Labels, batch.Labels.Length));
        else if (batch.LabelCount > 0)
            _wideLabels.Launch(Stream, LaunchShape.ForElements(rows),
                Args(batch.Labels.Address, target.Labels, rows));
        LoadIds(batch.SampleIds.Cast<byte>(), target);
    }

    public override void Load(HostBatch batch, int rows, BatchTarget target)
    {
        _staging ??= new PinnedRing(_device.Session.Context, Slots, checked((nuint)(Batch * Run * sizeof(float))));
        var slot = _staging.Take();
        try
        {
            Convert(batch, MemoryMarshal.Cast<byte, float>(_staging[slot].Span));
        }
        catch
        {
            _staging.Return(slot);
            throw;
        }
        _staging.EnqueueUpload(slot, Bytes(target.Images, (long)batch.Values * sizeof(float)), Stream);
        Convert(batch, _labels);
        if (batch.LabelCount > 0) Write(target.Labels, _labels.AsSpan(0, rows));
        if (batch.SampleIds.IsEmpty) LoadIds(default, target);
        else Write(target.SampleIds, batch.SampleIds);
        target.HasRowNumbers = batch.SampleIds.IsEmpty;
    }

    public override void Copy(Tensor from, Tensor to) =>
        Stream.EnqueueCopy(Bytes(from, from.Bytes), Bytes(to, to.Bytes));

    public override void Set(Tensor tensor, double value)
    {
        // Fills carry their value with them: no slot of staging memory that would have to come free first.
        var words = new DeviceSpan<uint>((ulong)tensor.Address, tensor.Type.Size() / sizeof(uint));
        if (tensor.Type == DType.Int32) Stream.EnqueueFill(words, unchecked((uint)(int)value));
        else if (tensor.Type == DType.Float32) Stream.EnqueueFill(words, BitConverter.SingleToUInt32Bits((float)value));
        else
        {
            var bits = BitConverter.DoubleToUInt64Bits(value);
            Stream.EnqueueFill(words.Slice(0, 1), (uint)bits);
            Stream.EnqueueFill(words.Slice(1, 1), (uint)(bits >> 32));
        }
    }

    public override void Dispose()
    {
        _staging?.Dispose();
        _rowNumbers.Dispose();
        base.Dispose();
    }

    protected override void CheckMemory(in DeviceBatch batch, int rows)
    {
        var context = _device.Session.Context;
        var element = batch.IsFloat ? sizeof(float) : 1;
        DeviceAddress.Check(context, batch.Images.Address, batch.Images.Bytes, element, "images");
        if (batch.LabelCount > 0)
            DeviceAddress.Check(context, batch.Labels.Address, batch.Labels.Bytes, batch.LabelBytes, "labels");
        if (!batch.SampleIds.IsEmpty)
            DeviceAddress.Check(
                context, batch.SampleIds.Address, batch.SampleIds.Bytes, sizeof(int), "sample ids");
    }

    private void LoadIds(DeviceSpan<byte> ids, BatchTarget target)
    {
        if (!ids.IsEmpty) Stream.EnqueueCopy(ids, Bytes(target.SampleIds, ids.Length));
        else if (!target.HasRowNumbers) Copy(_rowNumbers, target.SampleIds);
        target.HasRowNumbers = ids.IsEmpty;
    }

    private void Write(Tensor tensor, ReadOnlySpan<int> values) =>
        _device.WriteMemory(tensor.Address, MemoryMarshal.AsBytes(values));

    private CudaKernel<ImportBatchArgs> Kernel(string entry) =>
        _device.Kernel<ImportBatchArgs>("import_batch.cu", entry, CudaVariants.Exact);

    private static ImportBatchArgs Args(ulong from, Tensor to, long count) =>
        new() { From = from, To = (ulong)to.Address, Count = count };

    private static DeviceSpan<byte> Bytes(Tensor tensor, long bytes) => new((ulong)tensor.Address, bytes);
}

/// <summary>Arguments of <c>import_batch.cu</c>.</summary>
internal record struct ImportBatchArgs
{
    public ulong From, To;
    public long Count;
    public int Channels, Pixels, IsPlanar, Unused;
}
