namespace Codat.Native.Data;

/// <summary>Settings of a download.</summary>
public sealed record FetchOptions
{
    /// <summary>
    /// Address of a folder with the same file names, to be used in place of the official one; http or https.
    /// </summary>
    public Uri? Mirror { get; init; }

    /// <summary>Told after every piece; called on whatever thread the download runs on.</summary>
    public IProgress<FetchProgress>? Progress { get; init; }

    /// <summary>Attempts in a row that bring nothing before giving up.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Wait before the second attempt; doubles with every further one that brings nothing.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may bring nothing before it counts as dropped.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
