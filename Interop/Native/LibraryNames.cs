namespace Codat.Native.Interop;

/// <summary>Logical names of the native libraries; the resolver turns them into files.</summary>
internal static class LibraryNames
{
    public const string Cuda = "codat.cuda";
    public const string Nvrtc = "codat.nvrtc";
    public const string Cublas = "codat.cublas";
    public const string CublasLt = "codat.cublasLt";
    public const string Cudnn = "codat.cudnn";

    /// <summary>NVIDIA's tools extension, which marks ranges for profilers; optional.</summary>
    public const string Nvtx = "codat.nvtx";
}
