namespace Codat.Native.Robust;

/// <summary><c>manifest.json</c>: what a run was made with and made of.</summary>
public sealed record RunManifest
{
    /// <summary>Versions of the program, the runtime and the system, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The device in words.</summary>
    public required string Device { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Native libraries and vector instructions in use, by name.</summary>
    public required IReadOnlyDictionary<string, string> Libraries { get; init; }

    /// <summary>Precision, determinism and other modes of arithmetic, by name.</summary>
    public required IReadOnlyDictionary<string, string> MathModes { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>SHA-256 of the settings, see <see cref="TrainConfig.Hash"/>.</summary>
    public required string ConfigHash { get; init; }

    /// <summary>SHA-256 of the data set's files, by name.</summary>
    public required IReadOnlyDictionary<string, string> DataHashes { get; init; }

    /// <summary>SHA-256 of the weights of <c>best</c>, or null before there are any.</summary>
    public string? BestHash { get; init; }

    /// <summary>What the run leaves out or does differently, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Every split that was read, in order of time.</summary>
    public IReadOnlyList<SplitRead> Splits { get; init; } = [];
}
