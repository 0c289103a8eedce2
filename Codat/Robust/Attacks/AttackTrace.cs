using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>Where a compiled attack notes what it sees before every step: rows are images of the batch.</summary>
/// <remarks>Owns its tensors.</remarks>
internal sealed class AttackTrace : IDisposable
{
    /// <summary>Allocates for a batch of images (N,H,W,C).</summary>
    public AttackTrace(Device device, DType type, Shape images, int steps)
    {
        Steps = steps;
        Counts = device.Allocate(DType.Int32, new Shape(images[0], steps, AttackTraceOp.Counts), "trace-counts");
        Losses = device.Allocate(type, new Shape(images[0], steps), "trace-losses");
        Before = device.Allocate(type, images, "trace-before");
    }

    /// <summary>Steps of the attack.</summary>
    public int Steps { get; }

    /// <summary>Counts of each image before each step, see <see cref="AttackTraceOp"/>.</summary>
    public Tensor Counts { get; }

    /// <summary>What the attack climbs, of each image before each step.</summary>
    public Tensor Losses { get; }

    /// <summary>All tensors, rows outermost, in the order of the op's first inputs.</summary>
    public Tensor[] Tensors => [Counts, Losses, Before];

    private Tensor Before { get; }

    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }
}
