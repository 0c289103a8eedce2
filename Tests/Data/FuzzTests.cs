using System.Diagnostics;
using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Damaged files of every format: refused with <see cref="DatasetException"/> or read, never more.</summary>
internal sealed class FuzzTests
{
    private const int Cases = 500;
    private const int SlowCases = 10_000;

    // What error messages, streams and decoders need for themselves.
    private const long FixedBytes = 1 << 20;

    private static IEnumerable<FuzzTarget> Targets => FuzzTarget.All();

    [TestCaseSource(nameof(Targets))]
    public void Read_ValidFile_Succeeds(FuzzTarget target)
    {
        Assert.That(() => target.Read(target.Valid), Throws.Nothing);
    }

    [TestCaseSource(nameof(Targets))]
    public void Read_DamagedFiles_NeverMoreThanAnError(FuzzTarget target) => Run(target, Cases, 1_000_000);

    [TestCaseSource(nameof(Targets))]
    [Category("Slow")]
    public void Read_ManyDamagedFiles_NeverMoreThanAnError(FuzzTarget target) => Run(target, SlowCases, 2_000_000);

    [TestCaseSource(nameof(Targets))]
    public void Read_TruncatedAtEveryLength_IsRefused(FuzzTarget target)
    {
        int step = Math.Max(1, target.Valid.Length / 400);

        for (int length = 0; length < target.Valid.Length; length += step)
        {
            // CIFAR has no header: a file cut after a record is a file. The catalogue knows the exact lengths.
            if (target.Name == "cifar10" && length == 3073) continue;
            Assert.That(() => target.Read(target.Valid[..length]), Throws.TypeOf<DatasetException>(),
                "length " + length);
        }
    }

    [TestCaseSource(nameof(Targets))]
    public void Read_AnyOtherFormat_IsRefused(FuzzTarget target)
    {
        foreach (FuzzTarget other in Targets)
        {
            if (target.Name.Split('-')[0] == other.Name.Split('-')[0]) continue;
            Assert.That(() => target.Read(other.Valid), Throws.TypeOf<DatasetException>(), other.Name);
        }
    }

    private static void Run(FuzzTarget target, int cases, int seed)
    {
        int readConsistent = 0, refused = 0;
        for (int i = 0; i < cases; i++)
        {
            var random = new Random(seed + i);
            bool consistent = i % 2 == 1;
            byte[] file = consistent ? target.Consistent(random) : Mutator.Damage(random, target.Valid);
            if (ReadOnce(target, file, seed + i)) readConsistent += consistent ? 1 : 0;
            else refused++;
        }

        Assert.That(refused, Is.GreaterThan(cases / 20), "the damage must be noticed");
        Assert.That(readConsistent, Is.GreaterThan(cases / 40), "the consistent half must get past the front door");
    }

    /// <summary>True if the file was read, false if it was refused; anything else fails.</summary>
    private static bool ReadOnce(FuzzTarget target, byte[] file, int seed)
    {
        bool read;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        try
        {
            target.Read(file);
            read = true;
        }
        catch (DatasetException)
        {
            read = false;
        }
        catch (Exception e)
        {
            throw new AssertionException($"{target.Name}, seed {seed}: {e}\n{Convert.ToBase64String(file)}");
        }

        TimeSpan time = Stopwatch.GetElapsedTime(start);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // Deflate expands by 1032 at most; the growing array costs up to three times that.
        long allowed = FixedBytes + (target.Compressed ? 3 * 1032L : 8) * file.Length;
        if (allocated > allowed || time > TimeSpan.FromSeconds(5))
            throw new AssertionException($"{target.Name}, seed {seed}: {allocated} bytes for {file.Length}, {time}\n"
                + Convert.ToBase64String(file));
        return read;
    }
}
