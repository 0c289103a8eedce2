namespace Codat.Native.Interop;

/// <summary>Parts of CUDA that a use may need.</summary>
[Flags]
public enum CudaComponents
{
    /// <summary>The driver and a device.</summary>
    Driver = 1,

    /// <summary>The compiler of kernels.</summary>
    Nvrtc = 2,

    /// <summary>Matrix products.</summary>
    Cublas = 4,

    /// <summary>Convolutions.</summary>
    Cudnn = 8,

    /// <summary>Everything that training needs.</summary>
    All = Driver | Nvrtc | Cublas | Cudnn,
}
