using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary>What <c>codat info</c> prints.</summary>
internal sealed record SystemInfo
{
    public required string Version { get; init; }

    public required string Runtime { get; init; }

    public required string System { get; init; }

    public required string Architecture { get; init; }

    public required string Processor { get; init; }

    public required int LogicalProcessors { get; init; }

    public required int Threads { get; init; }

    /// <summary>The width of the widest vectors our kernels use, in bits.</summary>
    public required int VectorBits { get; init; }

    public required string[] Instructions { get; init; }

    public required long MemoryBytes { get; init; }

    public required string GarbageCollector { get; init; }

    public required string[] Devices { get; init; }

    public required string Cuda { get; init; }

    /// <summary>The major version of CUDA whose libraries are used, and why.</summary>
    public required string Toolkit { get; init; }

    /// <summary>Native libraries: version and file, or that there is none; then every place looked at.</summary>
    public required string[] Libraries { get; init; }

    internal static SystemInfo Collect(int? threads)
    {
        var cuda = CudaAvailability.Probe();
        return new SystemInfo
        {
            Version = VersionOf(typeof(SystemInfo).Assembly),
            Runtime = RuntimeInformation.FrameworkDescription,
            System = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            Processor = ProcessorName(),
            LogicalProcessors = Environment.ProcessorCount,
            Threads = threads ?? Environment.ProcessorCount,
            // What our kernels dispatch on; Vector512.IsHardwareAccelerated is false on some with AVX-512.
            VectorBits = Avx512F.IsSupported ? 512 : Avx2.IsSupported ? 256 : 128,
            Instructions = [.. InstructionSets()],
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            GarbageCollector = (GCSettings.IsServerGC ? "server" : "workstation")
                + (GCSettings.LatencyMode == GCLatencyMode.Batch ? ", not concurrent" : ", concurrent"),
            Devices = ["cpu", .. cuda.Devices.Select(device => device.ToString())],
            Cuda = cuda.Reason,
            Toolkit = NativeLibraries.Toolkit,
            Libraries = [.. NativeLibraries.LoadAll().Select(trace => trace.ToString())],
        };
    }

    internal void Write(TextWriter output)
    {
        (string Name, string Value)[] rows =
        [
            ("codat", Version), ("runtime", Runtime), ("system", $"{System} ({Architecture})"),
            ("processor", Processor), ("threads", string.Create(CultureInfo.InvariantCulture,
                $"{Threads} of {LogicalProcessors} logical processors")),
            ("vectors", string.Create(CultureInfo.InvariantCulture, $"{VectorBits} bits")),
            ("instructions", string.Join(' ', Instructions)),
            ("memory", string.Create(CultureInfo.InvariantCulture, $"{MemoryBytes / (double)(1 << 30):0.0} GiB")),
            ("collector", GarbageCollector), ("devices", string.Join(", ", Devices)), ("cuda", Cuda),
            ("toolkit", Toolkit),
        ];
        foreach ((string name, string value) in rows) output.WriteLine($"{name,-13} {value}");
        foreach (string library in Libraries) output.WriteLine($"\n{library}");
    }

    private static string VersionOf(Assembly assembly)
        => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static IEnumerable<string> InstructionSets()
    {
        if (Sse42.IsSupported) yield return "sse4.2";
        if (Avx.IsSupported) yield return "avx";
        if (Avx2.IsSupported) yield return "avx2";
        if (Fma.IsSupported) yield return "fma";
        if (Avx512F.IsSupported) yield return "avx512f";
        if (Avx512BW.IsSupported) yield return "avx512bw";
        if (Avx512DQ.IsSupported) yield return "avx512dq";
        if (Avx512Vbmi.IsSupported) yield return "avx512vbmi";
        if (AdvSimd.IsSupported) yield return "neon";
    }

    private static string ProcessorName()
    {
        const string Cpuinfo = "/proc/cpuinfo";
        const string Key = "model name";
        if (File.Exists(Cpuinfo))
        {
            foreach (string line in File.ReadLines(Cpuinfo))
            {
                if (line.StartsWith(Key, StringComparison.Ordinal)) return line[(line.IndexOf(':') + 1)..].Trim();
            }
        }
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
    }
}
