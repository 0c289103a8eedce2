namespace Codat.Native.Robust;

/// <summary>What every command understands.</summary>
public abstract record CommonOptions
{
    /// <summary>The device asked for.</summary>
    public DeviceSpec Device { get; init; } = DeviceSpec.Auto;

    /// <summary>The seed of everything random.</summary>
    public ulong Seed { get; init; }

    /// <summary>The number of threads, or null for all.</summary>
    public int? Threads { get; init; }

    /// <summary>One machine-readable object on standard output.</summary>
    public bool Json { get; init; }

    /// <summary>Nothing on standard error but errors.</summary>
    public bool Quiet { get; init; }

    /// <summary>More on standard error, and stack traces of errors.</summary>
    public bool Verbose { get; init; }
}
