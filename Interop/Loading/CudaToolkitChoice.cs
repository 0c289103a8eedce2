using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>The one major version of CUDA whose libraries this process uses, and why.</summary>
internal sealed record CudaToolkitChoice(int Major, string Reason)
{
    private const int NotFound = int.MaxValue;

    /// <summary>Why no library of the toolkit may be used at all, or null.</summary>
    public string? Refusal { get; private init; }

    /// <summary>What is there and cannot be used in place of what is missing, or null.</summary>
    public string? Mismatch { get; private init; }

    private static readonly string[] s_deciding = [LibraryNames.Nvrtc, LibraryNames.CublasLt, LibraryNames.Cublas];

    /// <summary>One line for people.</summary>
    public override string ToString() => $"CUDA {Major}: {Refusal ?? Mismatch ?? Reason}";

    /// <summary>
    /// Chooses among the majors the driver can run: the most complete set of libraries wins, then the one found
    /// earlier in the search, then the newer one.
    /// </summary>
    /// <param name="driverVersion">As the driver states it; 0 without one: anything may be compiled for then.</param>
    /// <param name="wanted">A major given in code; null to choose.</param>
    /// <param name="find">At which step a library of a major is found, from what files there are.</param>
    /// <param name="findInSystem">The same with the system's own search, which loads what it finds.</param>
    public static CudaToolkitChoice Choose(int driverVersion, int? wanted,
        Func<NativeLibraryEntry, int, LibrarySearchStep?> find,
        Func<NativeLibraryEntry, int, LibrarySearchStep?> findInSystem)
    {
        if (wanted is { } major)
        {
            return new CudaToolkitChoice(major, "given in code")
            {
                Refusal = driverVersion == 0 || major <= driverVersion / 1000 ? null
                    : $"CUDA {major} was asked for in code, and the driver runs CUDA {driverVersion / 1000} at most: "
                        + "update the driver, or leave the choice to the search",
            };
        }
        // The system comes last in the search, so a set that is complete without it has won already.
        var best = Best(driverVersion, find);
        if (best.Found < s_deciding.Length) best = Best(driverVersion, findInSystem);
        return new CudaToolkitChoice(best.Major, string.Create(CultureInfo.InvariantCulture,
            $"{best.Found} of {s_deciding.Length} libraries found"))
        {
            Mismatch = best.Found < s_deciding.Length ? TooNew(driverVersion, best.Found, find) : null,
        };
    }

    // Wheels of the newest CUDA on a machine with an older driver are what people run into.
    private static string? TooNew(int driverVersion, int found, Func<NativeLibraryEntry, int, LibrarySearchStep?> find)
    {
        foreach (int major in NativeLibraryCatalog.Majors)
        {
            if (driverVersion == 0 || driverVersion / 1000 >= major || Score(major, find).Found <= found) continue;
            return $"libraries of CUDA {major} are here, and the driver runs CUDA {driverVersion / 1000} at most: "
                + "update the driver, or install the libraries for that version";
        }
        return null;
    }

    private static (int Found, int Step, int Major) Best(int driverVersion,
        Func<NativeLibraryEntry, int, LibrarySearchStep?> find)
    {
        // Below the floor the driver itself is refused; the number only completes messages.
        (int Found, int Step, int Major) best = (-1, NotFound, NativeLibraryCatalog.Majors[^1]);
        foreach (int major in NativeLibraryCatalog.Majors)
        {
            if (driverVersion != 0 && driverVersion / 1000 < major) continue;
            var (found, step) = Score(major, find);
            if (found > best.Found || (found == best.Found && step < best.Step)) best = (found, step, major);
            // Looking in the system loads what is there: the other major stays out of the process.
            if (found == s_deciding.Length && step == (int)LibrarySearchStep.System) break;
        }
        return best with { Found = Math.Max(0, best.Found) };
    }

    private static (int Found, int Step) Score(int major, Func<NativeLibraryEntry, int, LibrarySearchStep?> find)
    {
        int found = 0, worst = -1;
        foreach (string name in s_deciding)
        {
            if (find(NativeLibraryCatalog.Get(name), major) is not { } step) continue;
            found++;
            worst = Math.Max(worst, (int)step);
        }
        return (found, found == 0 ? NotFound : worst);
    }
}
