using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>One launch: how many threads, with which arguments.</summary>
internal readonly struct Launch<TArgs>(LaunchShape shape, in TArgs args) where TArgs : unmanaged
{
    public readonly LaunchShape Shape = shape;
    public readonly TArgs Args = args;
}

/// <summary>The launch for the addresses of a call. Runs for every call: no allocation.</summary>
internal delegate Launch<TArgs> LaunchRule<TArgs>(in CudaCall call) where TArgs : unmanaged;

/// <summary>An op that is one launch of one kernel.</summary>
internal sealed class LaunchKernel<TArgs>(CudaKernel<TArgs> kernel, LaunchRule<TArgs> rule) : CudaOpKernel
    where TArgs : unmanaged
{
    public override string Variant => kernel.Entry;

    public override void Enqueue(in CudaCall call)
    {
        var launch = rule(call);
        kernel.Launch(call.Stream, launch.Shape, launch.Args);
    }
}
