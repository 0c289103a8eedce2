using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// What the last steps left behind, a row of doubles each: status and its class, right predictions, the record's
/// numbers, its table. The device fills it and keeps its own place in it, so that the host reads once for many steps.
/// </summary>
/// <remarks>Owns its tensors. Step i since creation lies in row i mod <see cref="Length"/>.</remarks>
internal sealed class StepRing : IDisposable
{
    public const int StatusAt = 0, BadClassAt = 1, RightAt = 2, NumbersAt = 3, TableAt = NumbersAt + StepRecord.Scalars;

    /// <summary>Steps between two readings, where reading means waiting for the device.</summary>
    public const int LongLength = 32;

    private readonly double[] _host;

    public StepRing(Device device, int classes)
    {
        Length = device.Kind == DeviceKind.Cuda ? LongLength : 1;
        Width = TableAt + StepRecord.Rows * classes;
        Rows = device.Allocate(DType.Float64, new Shape(Length, Width), "step-ring");
        Next = device.Allocate(DType.Int32, new Shape(1), "step-ring-next");
        _host = new double[Length * Width];
    }

    /// <summary>Steps it holds.</summary>
    public int Length { get; }

    /// <summary>Numbers of a step.</summary>
    public int Width { get; }

    public Tensor Rows { get; }

    /// <summary>The row that the next step writes.</summary>
    public Tensor Next { get; }

    /// <summary>Copies all of it to the host; waits for the device.</summary>
    public void Read() => Rows.CopyTo<double>(_host);

    /// <summary>A step as it was last copied.</summary>
    /// <param name="step">Its number since creation, from 0.</param>
    public ReadOnlySpan<double> this[long step] => _host.AsSpan((int)(step % Length) * Width, Width);

    public void Dispose()
    {
        Rows.Dispose();
        Next.Dispose();
    }
}
