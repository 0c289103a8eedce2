namespace Codat.Native.Data;

/// <summary>What is known about a data set before a byte of it is read.</summary>
public sealed record DatasetInfo
{
    /// <summary>Name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for lists.</summary>
    public required string Summary { get; init; }

    /// <summary>Shape of its images; default where the files decide (folder, npz).</summary>
    public ImageShape Shape { get; init; }

    /// <summary>Class names in label order; empty where the files decide.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Its files, training files first; empty where the user's files decide or nothing is read.</summary>
    public IReadOnlyList<DatasetFile> Files { get; init; } = [];

    /// <summary>The folder inside the official archive, or null when the files are published one by one.</summary>
    public string? Folder { get; init; }

    /// <summary>The archive it is published as, or null.</summary>
    public DatasetArchive? Archive { get; init; }

    /// <summary>Licence or terms of use, in one sentence.</summary>
    public string Terms { get; init; } = "";

    /// <summary>True when it ships with the program and is found beside it.</summary>
    public bool Ships { get; init; }

    /// <summary>True when it can be downloaded.</summary>
    public bool CanFetch => Archive is not null || (Files.Count > 0 && Files[0].Url is not null);
}
