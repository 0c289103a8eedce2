using System.Text.Json;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// The algorithms that libraries chose for a run on a CUDA device. A resume computes with the same ones: others round
/// otherwise.
/// </summary>
internal sealed record PinnedPlans
{
    /// <summary>The file of a saved state.</summary>
    public const string FileName = "plans.json";

    private const string DeviceName = "device", Driver = "driver", Compiler = "nvrtc";

    private const string Products = "cublasLt", Convolving = "cudnn";

    /// <summary>Model of the device, and versions of the libraries that were in use, by name.</summary>
    public required SortedDictionary<string, string> ChosenBy { get; init; }

    /// <summary>Every product with its algorithm in base 64.</summary>
    public required SortedDictionary<string, string> Matmuls { get; init; }

    /// <summary>Every convolution with its plan as the library describes it.</summary>
    public required SortedDictionary<string, string> Convolutions { get; init; }

    /// <summary>What a device computes with; null where nothing is chosen at run time.</summary>
    public static PinnedPlans? Of(Device device) => device is not CudaDevice cuda
        ? null
        : new PinnedPlans
        {
            ChosenBy = Chooser(cuda), Matmuls = cuda.Session.MatmulPlans,
            Convolutions = cuda.Session.ConvolutionPlans,
        };

    /// <summary>Reads them back.</summary>
    /// <exception cref="CodatException">The file is not what <see cref="Write"/> leaves.</exception>
    public static PinnedPlans Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PinnedPlans>(File.ReadAllText(path), RunJson.Indented)
                ?? throw new JsonException("nothing");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the plans of the saved state cannot be read", path, "plans of libraries as JSON",
                e.Message, "put the run folder back from a copy, or start the run anew", isUsage: false, e);
        }
    }

    /// <summary>Writes them whole or not at all.</summary>
    public void Write(string path) =>
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, RunJson.Indented) + "\n");

    /// <summary>Has what is compiled from now on use these plans; says so where bits may differ instead.</summary>
    /// <param name="device">Where the run goes on.</param>
    /// <param name="determinism">What the run promises.</param>
    /// <returns>Why the plans are not used; null where they are.</returns>
    /// <exception cref="CodatException">They were chosen by other libraries, or for another device, and the run
    /// promises equal bits.</exception>
    public string? ApplyTo(Device device, DeterminismKind determinism)
    {
        var (wanted, found) = Differences(device);
        if (wanted.Length == 0)
        {
            if (device is not CudaDevice cuda) return null;
            if (Matmuls.Count > 0) cuda.Session.Matmuls.Pin(Matmuls);
            if (Convolutions.Count > 0) cuda.Session.Convolutions.Pin(Convolutions);
            return null;
        }
        return NoteOrRefusal(wanted, found, determinism);
    }

    /// <summary>
    /// A saved state without plans was computed by the host processor; says so where another device goes on with it.
    /// </summary>
    /// <param name="device">Where the run goes on.</param>
    /// <param name="determinism">What the run promises.</param>
    /// <returns>Why bits may differ; null where they do not.</returns>
    /// <exception cref="CodatException">The run promises equal bits.</exception>
    public static string? NoneOn(Device device, DeterminismKind determinism) =>
        device is CudaDevice ? NoteOrRefusal("the host processor", device.Description, determinism) : null;

    private static string NoteOrRefusal(string wanted, string found, DeterminismKind determinism) =>
        determinism == DeterminismKind.Fast
            ? $"the saved state was computed with {wanted}, here is {found}: bits may differ from now on"
            : throw new CodatException(
                "the run cannot be continued with the same bits",
                $"--determinism {SettingNames.Determinisms.Print(determinism)}", wanted, found,
                "resume with that device and those versions, or start a new run from its weights with --init");

    private (string Wanted, string Found) Differences(Device device)
    {
        if (device is not CudaDevice cuda) return (Print(ChosenBy), device.Description);
        // A library has a version once it is loaded.
        if (ChosenBy.ContainsKey(Products)) _ = cuda.Session.Matmuls;
        if (ChosenBy.ContainsKey(Convolving)) _ = cuda.Session.Convolutions;
        var here = Chooser(cuda);
        var differing = ChosenBy.Where(c => here.GetValueOrDefault(c.Key) != c.Value).ToArray();
        return (Print(differing),
            Print(differing.Select(d => KeyValuePair.Create(d.Key, here.GetValueOrDefault(d.Key, "none")))));
    }

    // Two devices of one model compute alike; a driver chooses nothing, and a compiler only makes kernels of ours.
    private static SortedDictionary<string, string> Chooser(CudaDevice cuda)
    {
        var chooser = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, version) in cuda.Libraries)
            if (name is not (Driver or Compiler)) chooser.Add(name, version);
        chooser[DeviceName] = cuda.Session.Context.Device.Name;
        return chooser;
    }

    private static string Print(IEnumerable<KeyValuePair<string, string>> versions) =>
        string.Join(", ", versions.Select(v => $"{v.Key} {v.Value}"));
}
