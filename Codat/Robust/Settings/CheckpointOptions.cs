namespace Codat.Native.Robust;

/// <summary>Options of commands that read a weight file, with those that describe a foreign one.</summary>
public abstract record CheckpointOptions : CommonOptions
{
    /// <summary>The weight file.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The network of a foreign file, or null.</summary>
    public string? Model { get; init; }

    /// <summary>The number of classes of a foreign file, or null.</summary>
    public int? Classes { get; init; }

    /// <summary>The mean of each channel the network of a foreign file expects, or null for none.</summary>
    public float[]? Mean { get; init; }

    /// <summary>The deviation of each channel the network of a foreign file expects, or null for none.</summary>
    public float[]? Std { get; init; }

    /// <summary>Images computed at once, or null for the program's choice.</summary>
    public int? Batch { get; init; }
}
