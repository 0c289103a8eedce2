using System.Numerics;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>Binds the convolution ops to the CPU kernels of <see cref="Cpu"/>.</summary>
internal readonly struct ConvCpu(
    ConvShape shape, ConvDirection direction, Epilogue epilogue, bool packed, int n, CpuDevice device)
    : IFloatKernelFactory
{
    public static CpuKernel Create(DType type, ConvCpu factory) => FloatKernels.Create(type, factory);

    public static CpuKernel CreateWeightGradient(DType type, ConvShape shape, int n, CpuDevice device) =>
        FloatKernels.Create(type, new WeightGradientFactory(shape, n, device));

    public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new Kernel<T>(ConvKernel<T>.Create(shape, direction, device.Isa), epilogue, packed, n, device);

    private sealed unsafe class Kernel<T>(ConvKernel<T> conv, Epilogue epilogue, bool packed, int n, CpuDevice device)
        : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly long _own = MemoryPlanner.Align(conv.WorkspaceBytes(n, device.Threads));

        public override string Variant => conv.Name;

        public override long WorkspaceBytes => _own + (packed ? 0 : conv.PackedElements * sizeof(T));

        public override void Run(in CpuCall call)
        {
            var weights = (T*)call.InputPointer(1);
            if (!packed)
            {
                var scratch = (T*)(call.WorkspacePointer + _own);
                conv.Pack(weights, scratch, call.Workers);
                weights = scratch;
            }
            var next = 2;
            var last = new ConvEpilogue<T> { Relu = epilogue.Relu };
            if (epilogue.Bias) last.Bias = (T*)call.InputPointer(next++);
            if (epilogue.Residual) last.Residual = (T*)call.InputPointer(next++);
            if (epilogue.Mask) last.Mask = (T*)call.InputPointer(next);
            conv.Run(n, (T*)call.InputPointer(0), weights, last, (T*)call.OutputPointer, call.WorkspacePointer,
                call.Workers);
        }
    }

    private readonly struct WeightGradientFactory(ConvShape shape, int n, CpuDevice device) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new WeightGradientKernel<T>(ConvWeightGradientKernel<T>.Create(shape, device.Isa), n, device);
    }

    private sealed unsafe class WeightGradientKernel<T>(ConvWeightGradientKernel<T> conv, int n, CpuDevice device)
        : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override string Variant => conv.Name;

        public override long WorkspaceBytes => conv.WorkspaceBytes(n, device.Threads);

        public override void Run(in CpuCall call) => conv.Run(n, (T*)call.InputPointer(0), (T*)call.InputPointer(1),
            (T*)call.OutputPointer, call.WorkspacePointer, call.Workers);
    }
}
