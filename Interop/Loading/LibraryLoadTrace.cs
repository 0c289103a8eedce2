using System.Globalization;
using System.Text;

namespace Codat.Native.Interop;

/// <summary>How the search for one native library went: every place tried, and what was there.</summary>
public sealed class LibraryLoadTrace
{
    private readonly List<(LibrarySearchStep Step, string Place, string Outcome)> _attempts = [];

    internal LibraryLoadTrace(string title) => Title = title;

    /// <summary>The library's name as people know it.</summary>
    public string Title { get; }

    /// <summary>The file or name it was loaded by; null if it was not found.</summary>
    public string? Path { get; private set; }

    /// <summary>The version it states; null where it does not, or was not found.</summary>
    public string? Version { get; private set; }

    /// <summary>Whether it was found and loaded.</summary>
    public bool IsFound => Path is not null;

    /// <summary>The number of places tried.</summary>
    public int AttemptCount => _attempts.Count;

    internal LibrarySearchStep? FoundAt { get; private set; }

    /// <summary>The last reason why a file that was there could not be used; null if none was there.</summary>
    internal string? LastRejection { get; private set; }

    /// <summary>One line: version and path, or that it was not found.</summary>
    public string Summary => IsFound
        ? $"{Title} {Version ?? "(version unknown)"} from {Path} ({Text(FoundAt!.Value)})"
        : string.Create(CultureInfo.InvariantCulture, $"{Title} was not found in {AttemptCount} places")
            + (LastRejection is null ? "" : $" ({LastRejection})");

    /// <summary>The summary, then a line for every place tried.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Summary);
        foreach (var (step, place, outcome) in _attempts)
            text.Append("\n  ").Append(Text(step)).Append(": ").Append(place).Append(": ").Append(outcome);
        return text.ToString();
    }

    internal void Miss(in LibraryCandidate candidate) =>
        _attempts.Add((candidate.Step, candidate.PathOrName, "not there"));

    internal void Reject(in LibraryCandidate candidate, string reason)
    {
        _attempts.Add((candidate.Step, candidate.PathOrName, reason));
        LastRejection = reason;
    }

    /// <summary>Says why none of what is there may be used.</summary>
    internal void Refuse(string reason)
    {
        _attempts.Add((LibrarySearchStep.System, Title, reason));
        LastRejection = reason;
    }

    internal void Note(LibrarySearchStep step, string place, string outcome) => _attempts.Add((step, place, outcome));

    internal void Hit(in LibraryCandidate candidate, string? version)
    {
        _attempts.Add((candidate.Step, candidate.PathOrName, "loaded"));
        Path = candidate.PathOrName;
        Version = version;
        FoundAt = candidate.Step;
    }

    private static string Text(LibrarySearchStep step) => step switch
    {
        LibrarySearchStep.Configured => "configured folder",
        LibrarySearchStep.Variable => LocatorEnvironment.PathVariable,
        LibrarySearchStep.AlreadyLoaded => "already in the process",
        LibrarySearchStep.Application => "beside the application",
        LibrarySearchStep.Python => "Python packages",
        LibrarySearchStep.CudaPath => "CUDA_PATH",
        LibrarySearchStep.Toolkit => "installed toolkit",
        LibrarySearchStep.System => "system search",
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };
}
