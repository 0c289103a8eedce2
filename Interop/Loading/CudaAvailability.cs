using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Whether CUDA can be used here and, in one line, with what or why not. Asking throws nothing.</summary>
public sealed record CudaAvailability
{
    private const string NoDevice = "the CUDA driver shows no device";

    private CudaAvailability(string reason, IReadOnlyList<CudaDeviceInfo>? devices, string? cause = null)
    {
        IsAvailable = devices is not null;
        Reason = reason;
        Cause = cause ?? reason;
        Devices = devices ?? [];
    }

    /// <summary>Whether everything asked for is there.</summary>
    public bool IsAvailable { get; }

    /// <summary>One line: the versions and the devices, or what is missing and how to get it.</summary>
    public string Reason { get; }

    /// <summary><see cref="Reason"/> without where it was looked for and what to do.</summary>
    public string Cause { get; }

    /// <summary>The devices; empty if CUDA cannot be used.</summary>
    public IReadOnlyList<CudaDeviceInfo> Devices { get; }

    /// <summary>Loads the libraries asked for and looks at the devices. Creates no context.</summary>
    public static CudaAvailability Probe(CudaComponents needed = CudaComponents.All)
    {
        try
        {
            var devices = CudaDriver.GetDevices();
            if (devices.Count == 0) return new CudaAvailability(NoDevice, null);
            // Kernels compiled before need no compiler.
            if (LibraryResolver.Loader.TryLoad(LibraryNames.Nvrtc, out _) == 0
                && !KernelImages.HasPrecompiled(devices[0].ComputeCapability))
                Require(needed, CudaComponents.Nvrtc, LibraryNames.Nvrtc);
            if (needed.HasFlag(CudaComponents.Nvrtc) && LibraryResolver.Loader.IsCompilerOnly)
                return new CudaAvailability(CompilerOnly(), null);
            Require(needed, CudaComponents.Cublas, LibraryNames.CublasLt);
            Require(needed, CudaComponents.Cublas, LibraryNames.Cublas);
            Require(needed, CudaComponents.Cudnn, LibraryNames.Cudnn);
            return new CudaAvailability(Describe(devices), devices);
        }
        catch (CudaException e) when (e.Status == CUresult.CUDA_ERROR_NO_DEVICE)
        {
            return new CudaAvailability($"{NoDevice}; {StatusText.Advice(e.Status)}", null, NoDevice);
        }
        catch (CodatException e)
        {
            return new CudaAvailability(e.Message, null, e is CudaException ? $"{e.What}: {e.Found}" : e.What);
        }
        catch (EntryPointNotFoundException e)
        {
            // A file of the right name that is no driver, or one much older than its version says.
            return new CudaAvailability($"the CUDA driver library lacks a function: {e.Message}", null);
        }
    }

    private static string CompilerOnly() => "NVRTC 11 was found, which only compiles; "
        + NativeLibraryCatalog.Get(LibraryNames.Nvrtc).Package(LibraryResolver.Loader.Choice.Major);

    private static void Require(CudaComponents needed, CudaComponents part, string library)
    {
        if (needed.HasFlag(part)) LibraryResolver.Load(library);
    }

    private static string Describe(IReadOnlyList<CudaDeviceInfo> devices)
    {
        var first = devices[0];
        string more = devices.Count == 1
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" and {devices.Count - 1} more");
        return string.Create(CultureInfo.InvariantCulture,
            $"CUDA {CudaDriver.Format(CudaDriver.Version)}, {first.Name} (sm_{first.ComputeCapability}, "
            + $"{first.TotalBytes / (double)(1L << 30):F0} GiB){more}");
    }
}
