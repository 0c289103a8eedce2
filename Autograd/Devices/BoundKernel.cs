namespace Codat.Native.Autograd;

/// <summary>The types an op is bound for.</summary>
public readonly struct OpSignature(TensorType[] inputs, TensorType output)
{
    private readonly TensorType[] _inputs = inputs;

    /// <summary>Number of inputs.</summary>
    public int InputCount => _inputs.Length;

    /// <summary>Type of the output.</summary>
    public TensorType Output { get; } = output;

    /// <summary>Products of single-precision values may round them to TF32.</summary>
    public bool AllowsTensorFloat32 { get; init; }

    /// <summary>Type of input <paramref name="index"/>.</summary>
    public TensorType Input(int index) => _inputs[index];
}

/// <summary>An op's kernel, fixed to shapes and types; runs without allocation or lookup.</summary>
public abstract class BoundKernel
{
    /// <summary>Scratch memory wanted while running, in bytes; one block per plan serves all kernels.</summary>
    public virtual long WorkspaceBytes => 0;

    /// <summary>What was chosen, for profiles: <c>winograd f2x2 avx512</c>.</summary>
    public virtual string Variant => "";
}

/// <summary>A kernel on the host processor.</summary>
public abstract class CpuKernel : BoundKernel
{
    /// <summary>Reads the inputs and writes the output of <paramref name="call"/>.</summary>
    public abstract void Run(in CpuCall call);
}

/// <summary>An op with a kernel on the host processor.</summary>
public interface ICpuOp
{
    /// <summary>Creates the kernel for the given types.</summary>
    /// <exception cref="NotSupportedException">These types have no kernel.</exception>
    CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device);
}
