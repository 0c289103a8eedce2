using System.Globalization;
using System.Security.Cryptography;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// The saved states of a run: <c>state/NNNNNN/</c> is written whole and renamed, then <c>state/CURRENT</c> is replaced.
/// That replacement is the one commit point; whatever a kill leaves beside it is cleared away by the next save.
/// </summary>
/// <remarks>
/// <c>CURRENT</c> holds the number of the state and the SHA-256 of its <c>position.json</c>, which holds those of the
/// other files: a bit that a disk turned is found before anything of the run is touched.
/// </remarks>
internal sealed class StateStore
{
    private const string Current = "CURRENT", Tensors = "tensors.safetensors", Position = "position.json";
    private const int LongestCommit = 100;
    private static readonly string[] s_copies = ["metrics.jsonl", "classes.csv", "best.safetensors"];

    private readonly string _folder;
    private readonly string _run;

    public StateStore(RunFolder run) => (_folder, _run) = (run.StatePath, run.Path);

    /// <summary>True once a state has been committed.</summary>
    public bool Exists => File.Exists(Path.Combine(_folder, Current));

    /// <summary>
    /// Commits a state: tensors by name, the position, the plans of libraries, and copies of the run's growing files.
    /// </summary>
    public void Save(TrainingState state, IReadOnlyList<(string Name, double[]? Doubles, float[]? Floats)> tensors,
        PinnedPlans? plans = null)
    {
        var number = Exists ? Commit().Number + 1 : 1;
        var folder = Path.Combine(_folder, Name(number));
        var temporary = folder + ".tmp";
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(temporary);
            var writer = new SafeTensorsWriter();
            foreach (var (name, doubles, floats) in tensors)
            {
                if (doubles is not null) writer.Add(name, [doubles.Length], doubles);
                if (floats is not null) writer.Add(name, [floats.Length], floats);
            }
            writer.Save(Path.Combine(temporary, Tensors));
            plans?.Write(Path.Combine(temporary, PinnedPlans.FileName));
            foreach (var copy in s_copies)
            {
                var source = Path.Combine(_run, copy);
                if (File.Exists(source)) CopyFlushed(source, Path.Combine(temporary, copy));
            }
            var position = Path.Combine(temporary, Position);
            (state with { Files = HashFiles(temporary) }).Write(position);
            var hash = Hash(position);
            Directory.Move(temporary, folder);
            AtomicFile.WriteAllText(Path.Combine(_folder, Current), $"{Name(number)} {hash}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CodatException)
        {
            Remove(temporary);
            throw new CodatException("the state cannot be saved", folder, "a folder that can be written", e.Message,
                "make room or mend the folder, then continue with --resume: the previous state is untouched",
                isUsage: false, e);
        }
        foreach (var old in Directory.GetDirectories(_folder))
            if (Path.GetFileName(old) != Name(number)) Remove(old);
    }

    /// <summary>The committed position, or null where there is none yet.</summary>
    /// <exception cref="CodatException">It is damaged.</exception>
    public TrainingState? Peek()
    {
        if (!Exists) return null;
        var (number, hash) = Commit();
        var path = Path.Combine(_folder, Name(number), Position);
        var state = TrainingState.Read(path);
        return Hash(path) == hash ? state : throw Damaged(path, hash, Hash(path));
    }

    /// <summary>The plans of a committed state, needed before anything is compiled; null where it has none.</summary>
    /// <exception cref="CodatException">They are damaged.</exception>
    public PinnedPlans? ReadPlans(TrainingState state)
    {
        if (!state.Files.TryGetValue(PinnedPlans.FileName, out var expected)) return null;
        var path = Path.Combine(Committed(), PinnedPlans.FileName);
        var found = File.Exists(path) ? Hash(path) : null;
        return found == expected ? PinnedPlans.Read(path) : throw Damaged(path, expected, found);
    }

    /// <summary>The committed state and its tensors, checked against their hashes; changes nothing.</summary>
    /// <exception cref="CodatException">There is none, it is damaged, or it belongs to other settings or
    /// images.</exception>
    public (TrainingState State, SafeTensorsFile Tensors) Load(string configHash, string dataHash)
    {
        var state = Peek() ?? throw new CodatException(
            "the run has no saved state", _folder, $"a file {Current}", "none", "start the run anew");
        var folder = Committed();
        if (state.ConfigHash != configHash)
        {
            throw new CodatException("the saved state belongs to other settings", folder, configHash, state.ConfigHash,
                "restore config.json, or start a new run");
        }
        if (state.DataHash != dataHash)
        {
            throw new CodatException(
                "the saved state belongs to other training images", folder, state.DataHash, dataHash,
                "put the data set back as it was, or start a new run");
        }
        var found = HashFiles(folder);
        foreach (var name in found.Keys.Union(state.Files.Keys).Order(StringComparer.Ordinal))
        {
            var (expected, actual) = (state.Files.GetValueOrDefault(name), found.GetValueOrDefault(name));
            if (expected != actual) throw Damaged(Path.Combine(folder, name), expected, actual);
        }
        return (state, SafeTensorsFile.Open(Path.Combine(folder, Tensors)));
    }

    /// <summary>Puts the run's growing files back to what they were when the state was saved.</summary>
    public void RestoreFiles()
    {
        foreach (var copy in s_copies)
        {
            var (saved, live) = (Path.Combine(Committed(), copy), Path.Combine(_run, copy));
            if (File.Exists(saved)) AtomicFile.Write(live, stream => CopyTo(saved, stream));
            else File.Delete(live);
        }
    }

    private string Committed() => Path.Combine(_folder, Name(Commit().Number));

    private (int Number, string Hash) Commit()
    {
        var path = Path.Combine(_folder, Current);
        var text = ReadCommit(path);
        var parts = text.Split(' ');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture,
            out var number) && number > 0 && parts[1].Length == 2 * SHA256.HashSizeInBytes
            ? (number, parts[1])
            : throw new CodatException("the saved state cannot be found", path, "the number of a state and its hash",
                text.Length == 0 ? "nothing" : text, "start the run anew");
    }

    private static string ReadCommit(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            Span<char> text = stackalloc char[LongestCommit];
            return new string(text[..reader.ReadBlock(text)]).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the saved state cannot be found", path, "a file that can be read", e.Message,
                isUsage: false, inner: e);
        }
    }

    private static SortedDictionary<string, string> HashFiles(string folder)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in s_copies.Append(Tensors).Append(PinnedPlans.FileName))
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path)) hashes[name] = Hash(path);
        }
        return hashes;
    }

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static CodatException Damaged(string path, string? expected, string? found) => new(
        "the saved state is damaged", path, expected is null ? "no such file" : $"SHA-256 {expected}",
        found is null ? "no such file" : $"SHA-256 {found}",
        "put the run folder back from a copy, or start the run anew; nothing was changed", isUsage: false);

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It only takes up room; the next save tries again.
        }
    }

    private static string Name(int number) => number.ToString("D6", CultureInfo.InvariantCulture);

    private static void CopyFlushed(string from, string to) => AtomicFile.Write(to, stream => CopyTo(from, stream));

    private static void CopyTo(string path, Stream destination)
    {
        using var source = File.OpenRead(path);
        source.CopyTo(destination);
    }
}
