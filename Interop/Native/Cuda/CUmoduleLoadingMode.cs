namespace Codat.Native.Interop;

/// <summary>When kernels of a module are brought onto the device.</summary>
internal enum CUmoduleLoadingMode : int
{
    CU_MODULE_EAGER_LOADING = 1,
    CU_MODULE_LAZY_LOADING = 2,
}
