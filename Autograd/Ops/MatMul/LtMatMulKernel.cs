using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>A matrix product by cuBLASLt, with bias and ReLU in its epilogue.</summary>
internal sealed class LtMatMulKernel(CublasLtMatmul plan) : CudaOpKernel
{
    public override long WorkspaceBytes => plan.WorkspaceBytes;

    public override string Variant => "cublasLt";

    /// <summary>Plans the product of a signature, inputs (a, b) and then the bias; no mask.</summary>
    public static LtMatMulKernel Create(CudaDevice device, MatMulOp op, in OpSignature signature)
    {
        var a = signature.Input(0).Shape;
        var spec = new MatmulSpec
        {
            M = signature.Output.Shape[0], N = signature.Output.Shape[1], K = op.TransposeA ? a[0] : a[1],
            TransposeA = op.TransposeA, TransposeB = op.TransposeB, Determinism = device.Session.Options.Determinism,
            Float32Output = (signature.Input(0).Type, signature.Output.Type) == (DType.BFloat16, DType.Float32),
            Precision = signature.Input(0).Type switch
            {
                DType.Float32 when signature.AllowsTensorFloat32 && !op.FullPrecision => MathPrecision.TensorFloat32,
                DType.Float32 => MathPrecision.Float32,
                DType.BFloat16 => MathPrecision.BFloat16,
                DType.Float64 => MathPrecision.Float64,
                var type => throw new NotSupportedException($"no matrix product of {type}"),
            },
            Epilogue = (op.Bias, op.Relu) switch
            {
                (true, true) => MatmulEpilogue.BiasRelu,
                (true, false) => MatmulEpilogue.Bias,
                (false, true) => MatmulEpilogue.Relu,
                _ => MatmulEpilogue.None,
            },
        };
        return new LtMatMulKernel(device.Session.Matmuls.Get(spec));
    }

    public override void Enqueue(in CudaCall call) => plan.Run(call.Stream, new MatmulBuffers
    {
        A = Span(call.Input(0)), B = Span(call.Input(1)), D = Span(call.Output),
        Bias = plan.Spec.HasBias ? Span(call.Input(2)) : default,
        Workspace = new DeviceSpan<byte>(call.Workspace, plan.WorkspaceBytes),
    });

    // The library is told addresses only; sizes are those of the plan.
    private static DeviceSpan<byte> Span(ulong address) => new(address, long.MaxValue);
}
