using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Opens the device that settings ask for.</summary>
internal static class DeviceCatalog
{
    /// <summary>Opens a device; the note says why <c>auto</c> did not take a GPU.</summary>
    /// <param name="options">Device and threads.</param>
    /// <param name="precision">The arithmetic asked for.</param>
    /// <param name="determinism">What is promised about repeating a run.</param>
    /// <exception cref="CodatException">The device asked for cannot be used, or not with this arithmetic.</exception>
    public static (Device Device, string? Note) Open(CommonOptions options,
        PrecisionKind precision = PrecisionKind.Fp32, DeterminismKind determinism = DeterminismKind.Reproducible)
    {
        string? note = null;
        if (options.Device.Kind != DeviceChoice.Cpu)
        {
            var availability = CudaAvailability.Probe();
            if (availability.IsAvailable) return (Cuda(options.Device, availability, precision, determinism), null);
            if (options.Device.Kind == DeviceChoice.Cuda)
            {
                throw new CodatException("CUDA cannot be used here", $"--device {options.Device}", "a CUDA device",
                    availability.Reason, "mend that, or use --device cpu");
            }
            note = $"no CUDA here ({availability.Cause}; codat info says more): using the processor";
        }
        if (precision != PrecisionKind.Fp32)
        {
            throw new CodatException("the processor computes in single precision only",
                $"--precision {SettingNames.Precisions.Print(precision)}", "fp32 with --device cpu",
                note ?? $"--device {options.Device}", "leave --precision out, or use a CUDA device");
        }
        return (Device.Cpu(new CpuOptions { Threads = options.Threads ?? 0 }), note);
    }

    /// <summary>A session's arithmetic and promises.</summary>
    /// <exception cref="CodatException">They contradict each other.</exception>
    internal static CudaSessionOptions SessionOptions(PrecisionKind precision, DeterminismKind determinism)
    {
        // What tf32 keeps of a number is the library's affair; bf16 is rounded by rules of ours and summed in fp32.
        if (precision == PrecisionKind.Tf32 && determinism == DeterminismKind.Strict)
        {
            throw new CodatException("strict determinism forbids tf32",
                $"--precision {SettingNames.Precisions.Print(precision)}",
                "fp32 or bf16, or --determinism reproducible", "--determinism strict");
        }
        return new CudaSessionOptions
        {
            Determinism = determinism switch
            {
                DeterminismKind.Fast => Determinism.Fast,
                DeterminismKind.Strict => Determinism.Strict,
                _ => Determinism.Reproducible,
            },
        };
    }

    private static CudaDevice Cuda(
        DeviceSpec device, CudaAvailability found, PrecisionKind precision, DeterminismKind determinism)
    {
        if (device.Ordinal >= found.Devices.Count)
        {
            throw new CodatException("there is no such CUDA device", $"--device {device}",
                string.Create(CultureInfo.InvariantCulture, $"cuda:0 to cuda:{found.Devices.Count - 1}"), found.Reason);
        }
        return Device.Cuda(device.Ordinal, SessionOptions(precision, determinism));
    }
}
