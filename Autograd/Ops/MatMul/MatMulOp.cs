using System.Numerics;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>
/// op(a) op(b) for matrices, with an optional bias (input 2), ReLU and ReLU mask (last input) in the epilogue.
/// </summary>
internal sealed partial record MatMulOp(
    bool TransposeA, bool TransposeB, bool Bias = false, bool Relu = false, bool Mask = false,
    bool FullPrecision = false) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var (a, b) = (inputs[0], inputs[1]);
        if (a.Shape.Rank != 2 || b.Shape.Rank != 2 || a.Type != b.Type || !a.Type.IsFloating())
            throw new ShapeException($"MatMul needs two matrices of one floating-point type, found {a} and {b}");
        var (m, k) = TransposeA ? (a.Shape[1], a.Shape[0]) : (a.Shape[0], a.Shape[1]);
        var (k2, n) = TransposeB ? (b.Shape[1], b.Shape[0]) : (b.Shape[0], b.Shape[1]);
        if (k != k2) throw new ShapeException($"MatMul: inner sizes differ, {k} and {k2}, for {a} and {b}");
        return new TensorType(a.Type, new Shape(m, n));
    }

    public override void Backward(BackwardContext context)
    {
        var (dc, a, b) = (context.Gradient, context.Input(0), context.Input(1));
        Node Product(Node x, Node y, bool transposeX, bool transposeY) =>
            context.Graph.MatMul(x, y, transposeX, transposeY, FullPrecision);
        if (context.Needs(0))
            context.Add(
                0, TransposeA ? Product(b, dc, TransposeB, true) : Product(dc, b, false, !TransposeB));
        if (context.Needs(1))
            context.Add(
                1, TransposeB ? Product(dc, a, true, TransposeA) : Product(a, dc, !TransposeA, false));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device)
    {
        var a = signature.Input(0).Shape;
        var (m, n) = (signature.Output.Shape[0], signature.Output.Shape[1]);
        return FloatKernels.Create(signature.Output.Type, new Factory(this, m, n, TransposeA ? a[0] : a[1], device));
    }

    private readonly struct Factory(MatMulOp op, int m, int n, int k, CpuDevice device) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(op, m, n, k, device);
    }

    private sealed unsafe class Kernel<T>(MatMulOp op, int m, int n, int k, CpuDevice device) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override long WorkspaceBytes => Gemm<T>.WorkspaceBytes(m, n, k, device.Threads);

        public override void Run(in CpuCall call) => Gemm<T>.Run(device.Isa, op.TransposeA, op.TransposeB, m, n, k,
            (T*)call.InputPointer(0), (T*)call.InputPointer(1), (T*)call.OutputPointer,
            op.Bias ? (T*)call.InputPointer(2) : null, op.Relu,
            op.Mask ? (T*)call.InputPointer(op.Bias ? 3 : 2) : null, call.WorkspacePointer, call.Workers);
    }
}
