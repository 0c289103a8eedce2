using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// The progress of an evaluation in a folder: a killed one continues from what was last saved and ends in the same
/// outcomes.
/// </summary>
/// <remarks>
/// One file for the clean images and one for each attack, each replaced as a whole. Every file carries the key of the
/// evaluation and a hash of its own: what is of another evaluation, or damaged, counts as not there.
/// </remarks>
public sealed class EvaluationStore : IDisposable
{
    private const int KeyBytes = 32, HashBytes = 32, HeadNumbers = 4;
    private static readonly byte[] s_magic = "codat outcomes 2"u8.ToArray();

    private readonly string _folder;
    private readonly byte[] _key;
    private readonly IReadOnlyList<ResolvedAttack> _attacks;
    private readonly FileStream _lock;
    private readonly TimeSpan _every;
    private long _saved = TimeProvider.System.GetTimestamp();

    private EvaluationStore(
        string folder, string key, IReadOnlyList<ResolvedAttack> attacks, FileStream handle, TimeSpan every) =>
        (_folder, _key, _attacks, _lock, _every) = (folder, Convert.FromHexString(key), attacks, handle, every);

    /// <summary>Least time between two saves in the middle of an attack, unless told otherwise.</summary>
    public static TimeSpan DefaultEvery { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Takes a folder; what another evaluation has left in it goes as it is replaced.</summary>
    /// <param name="folder">The folder; made if it is not there.</param>
    /// <param name="key">See <see cref="EvaluationKey"/>.</param>
    /// <param name="attacks">The attacks, in order.</param>
    /// <param name="every">Least time between two saves in the middle of an attack.</param>
    /// <exception cref="CodatException">The folder cannot be made, or another process works in it.</exception>
    public static EvaluationStore Open(
        string folder, string key, IReadOnlyList<ResolvedAttack> attacks, TimeSpan? every = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(attacks);
        try
        {
            Directory.CreateDirectory(folder);
            // Only the open handle means something: the system closes it however the process ends.
            var handle = new FileStream(
                Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new EvaluationStore(folder, key, attacks, handle, every ?? DefaultEvery);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the folder of the evaluation's progress cannot be used", folder,
                "a folder of its own that no other process works in", error.Message,
                "wait for the other process, or choose another --evidence", inner: error);
        }
    }

    /// <summary>The kept outcomes on clean images, or null.</summary>
    public AttackOutcome? FindClean(int images) => Read("clean", images) is { } kept ? kept.Outcome : null;

    /// <summary>Keeps the outcomes on clean images.</summary>
    public void SaveClean(AttackOutcome clean) => Write("clean", 0, 0, clean);

    /// <summary>How far an attack has come, or null.</summary>
    public AttackProgress? Find(ResolvedAttack attack, int images) => Read(NameOf(attack), images) is { } kept
        ? new AttackProgress(attack, kept.Stage, kept.Next, kept.Outcome)
        : null;

    /// <summary>Keeps what an attack has done so far, unless that was done a moment ago: for
    /// <see cref="EvaluatorOptions.AfterBatch"/>.</summary>
    public void AfterBatch(AttackProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (TimeProvider.System.GetElapsedTime(_saved) < _every) return;
        Write(NameOf(progress.Attack), progress.Stage, progress.Next, progress.Outcome);
        _saved = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Keeps the outcomes of an attack that has ended.</summary>
    public void SaveEnd(ResolvedAttack attack, AttackOutcome outcome) =>
        Write(NameOf(attack), AttackStage.Count(attack), 0, outcome);

    /// <summary>Removes the folder: the evaluation is done.</summary>
    public void Remove()
    {
        _lock.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Lets go of the folder and leaves it.</summary>
    public void Dispose() => _lock.Dispose();

    private string NameOf(ResolvedAttack attack)
    {
        for (var i = 0; i < _attacks.Count; i++)
            if (_attacks[i] == attack) return string.Create(CultureInfo.InvariantCulture, $"attack-{i:D3}");
        throw new ArgumentException($"'{attack.Name}' is none of the attacks of this evaluation", nameof(attack));
    }

    private void Write(string name, int stage, int next, AttackOutcome outcome)
    {
        using var memory = new MemoryStream();
        memory.Write(s_magic);
        memory.Write(_key);
        memory.Write(MemoryMarshal.AsBytes<int>(
            [stage, next, outcome.Correct.Length, outcome.Telemetry is null ? 0 : 1]));
        Each(outcome, bytes => memory.Write(bytes));
        outcome.Telemetry?.Write(memory);
        memory.Write(SHA256.HashData(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
        AtomicFile.WriteAllBytes(Path.Combine(_folder, name), memory.ToArray());
    }

    private (int Stage, int Next, AttackOutcome Outcome)? Read(string name, int images)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(Path.Combine(_folder, name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        var head = s_magic.Length + KeyBytes;
        var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - HashBytes));
        if (content.Length < head + HeadNumbers * sizeof(int) || !content.StartsWith(s_magic)
            || !content[s_magic.Length..head].SequenceEqual(_key)
            || !bytes.AsSpan(content.Length).SequenceEqual(SHA256.HashData(content)))
            return null;
        using var memory = new MemoryStream(bytes, head, content.Length - head);
        Span<int> numbers = stackalloc int[HeadNumbers];
        memory.ReadExactly(MemoryMarshal.AsBytes(numbers)); // what follows was hashed: it is all there
        if (numbers[2] != images) return null;
        var outcome = new AttackOutcome(images);
        Each(outcome, memory.ReadExactly);
        if (numbers[3] != 0) outcome.Telemetry = AttackTelemetry.Read(memory, images);
        return (numbers[0], numbers[1], outcome);
    }

    private static void Each(AttackOutcome outcome, Action<Span<byte>> visit)
    {
        visit(MemoryMarshal.AsBytes(outcome.Correct.AsSpan()));
        visit(MemoryMarshal.AsBytes(outcome.Predicted.AsSpan()));
        visit(MemoryMarshal.AsBytes(outcome.Loss.AsSpan()));
        visit(MemoryMarshal.AsBytes(outcome.Margin.AsSpan()));
        visit(MemoryMarshal.AsBytes(outcome.Step.AsSpan()));
    }
}
