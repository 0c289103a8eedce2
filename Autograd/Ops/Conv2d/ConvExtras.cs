namespace Codat.Native.Autograd;

/// <summary>Addresses of what a convolution does to its result; 0 for what it does not.</summary>
internal readonly struct ConvExtras
{
    /// <summary>Nothing but a mask.</summary>
    public ConvExtras(ulong mask) => Mask = mask;

    /// <summary>The extra inputs of a call, which follow the convolution's own two.</summary>
    public ConvExtras(in CudaCall call, Epilogue epilogue)
    {
        var next = 2;
        if (epilogue.Bias) Bias = call.Input(next++);
        if (epilogue.Residual) Residual = call.Input(next++);
        if (epilogue.Mask) Mask = call.Input(next);
    }

    public readonly ulong Bias, Residual, Mask;
}
