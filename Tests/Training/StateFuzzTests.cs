using System.Text;
using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Damaged saved states: refused, with the run's files untouched, or taken up as a state that can be.</summary>
internal sealed class StateFuzzTests : IDisposable
{
    private const int StepsMade = 13;
    private const string Position = "position.json", Tensors = "tensors.safetensors";

    // Error texts, JSON readers and file buffers.
    private const long FixedBytes = 4 << 20;

    private static readonly string[] s_live = ["metrics.jsonl", "classes.csv", "best.safetensors"];

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, byte[]> _valid = [];
    private readonly Dictionary<string, string> _liveHashes = [];
    private string _run = "", _state = "";
    private RunFolder _runFolder = null!;
    private TrainOptions _options = null!;
    private TrainingData _data = null!;
    private Device _device = null!;
    private TrainingSession _session = null!;

    [OneTimeSetUp]
    public void MakeState()
    {
        _run = _folder.File("run");
        _options = TinyRun.Options(_run, "ema=0.9", "risk=ema:0.9", "model=small-cnn", "steps=1");
        using var cancel = new CancellationTokenSource();
        Trainer.Run(_options, new Events { OnStep = made => { if (made.Step == StepsMade) cancel.Cancel(); } },
            cancel.Token);
        _state = Path.Combine(_run, "state", Commit()[0]);
        foreach (var path in Directory.GetFiles(_state)) _valid[Path.GetFileName(path)] = File.ReadAllBytes(path);
        _valid["CURRENT"] = File.ReadAllBytes(Path.Combine(_run, "state", "CURRENT"));
        // What a live run has beyond its state: a refusal must leave it as it is.
        foreach (var name in s_live) File.AppendAllText(Path.Combine(_run, name), "later\n");
        _runFolder = RunFolder.Open(_run);
        _options = _runFolder.ReadConfig();
        _data = TrainingData.Load(_options);
        _device = Device.Cpu(new CpuOptions { Threads = 1 });
        _session = new TrainingSession(_options, _data, _device);
        foreach (var name in s_live) _liveHashes[name] = LiveHash(name);
    }

    public void Dispose()
    {
        _session.Dispose();
        _device.Dispose();
        _runFolder.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void Load_500DamagedStates_RefusesOrTakesUp() => Fuzz(1, 500);

    [Test]
    [Category("Slow")]
    public void Load_10000DamagedStates_RefusesOrTakesUp() => Fuzz(100_000, 10_000);

    [Test]
    public void Load_UndamagedState_IsTakenUp()
    {
        Put("CURRENT", _valid["CURRENT"]);

        Assert.That(Load().Step, Is.EqualTo(StepsMade));
        Assert.That(_session.StepsDone, Is.EqualTo(StepsMade));
    }

    [Test]
    public void Load_AnyTurnedBit_IsNoticed()
    {
        var random = new Random(5);
        foreach (var name in _valid.Keys.Where(n => n != "CURRENT"))
        {
            for (var i = 0; i < 20; i++)
            {
                byte[] file = [.. _valid[name]];
                file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
                Put(name, file);
                Assert.That(Load, Throws.TypeOf<CodatException>(), name);
            }

            Put(name, _valid[name]);
        }
    }

    [TestCase("step", "14", "batch 4")]
    [TestCase("step", "-1", "a step from 0 to 20")]
    [TestCase("step", "99999999999", "a step from 0 to 20")]
    [TestCase("metricLines", "3", "about 1 evaluated epochs")]
    [TestCase("bestEpoch", "0", "selected epochs up to 1")]
    [TestCase("improvedEpoch", "2", "selected epochs up to 1")]
    [TestCase("bestWorst", "1.5", "accuracies from 0 to 1")]
    [TestCase("stopped", "\"done\"", "after the last step")]
    [TestCase("stopped", "\"bored\"", "after the last step")]
    [TestCase("finished", "true", "after the last step")]
    [TestCase("format", "7", "another format")]
    [TestCase("configHash", "null", "a null where none may be")]
    [TestCase("configHash", "\"0\"", "other settings")]
    [TestCase("dataHash", "\"0\"", "other training images")]
    [TestCase("files", "{}", "the saved state is damaged")]
    [TestCase("epoch", "{}", "cannot be read")]
    public void Load_ImpossiblePosition_SaysWhich(string field, string value, string message)
    {
        var position = JsonNode.Parse(_valid[Position])!;
        position[field] = JsonNode.Parse(value);
        Put(Position, Encoding.UTF8.GetBytes(position.ToJsonString()));
        Put("CURRENT", Agree());
        try
        {
            var error = Assert.Throws<CodatException>(() => Load());
            Assert.That(error!.Message, Does.Contain(message));
            AssertLiveFilesUntouched();
        }
        finally
        {
            Put(Position, _valid[Position]);
            Put("CURRENT", _valid["CURRENT"]);
        }
    }

    private void Fuzz(int seed, int cases)
    {
        int refused = 0, pastTheDoor = 0, taken = 0;
        var size = _valid.Values.Sum(file => (long)file.Length);
        for (var i = 0; i < cases; i++)
        {
            var random = new Random(seed + i);
            var name = Pick(random);
            var consistent = i % 2 == 1;
            if (consistent) MakeConsistent(random, name);
            else Put(name, Mutator.Damage(random, _valid[name]));

            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var state = Load();
                taken++;
                Assert.That(state.Step, Is.EqualTo(_session.StepsDone).And.InRange(0, _session.TotalSteps));
                Assert.That(_session.IsFinite, $"case {i} of seed {seed}");
            }
            catch (CodatException error)
            {
                refused++;
                if (consistent && !error.Message.Contains("SHA-256", StringComparison.Ordinal)) pastTheDoor++;
                AssertLiveFilesUntouched();
            }
            catch (Exception error) when (error is not AssertionException)
            {
                Assert.Fail($"case {i} of seed {seed}, {name}: {error}");
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(allocated, Is.LessThan(FixedBytes + 8 * size), $"case {i} of seed {seed}");
            foreach (var touched in (string[])[name, Position, "CURRENT"]) Put(touched, _valid[touched]);
        }

        Assert.That(refused, Is.GreaterThan(cases / 2), "the damage must be noticed");
        Assert.That(pastTheDoor, Is.GreaterThan(cases / 10), "the consistent half must get past the hashes");
        Assert.That(taken, Is.GreaterThan(cases / 50), "some consistent changes make another valid state");
    }

    private TrainingState Load()
    {
        var store = new StateStore(_runFolder);
        var (state, tensors) = store.Load(TrainConfig.Hash(_options), _data.Published.ContentHash);
        using (tensors) _session.Restore(tensors, state);
        return state;
    }

    /// <summary>Damages a file from within and makes lengths and hashes agree with it again.</summary>
    private void MakeConsistent(Random random, string name)
    {
        if (name == Position) Put(name, DamagedPosition(random));
        else if (name == Tensors) Put(name, DamagedTensors(random));
        else if (name != "CURRENT") Put(name, Mutator.Damage(random, _valid[name]));
        if (name != Position) Put(Position, Hashed(File.ReadAllBytes(Path.Combine(_state, Position))));
        Put("CURRENT", Agree());
    }

    private static byte[] Hashed(byte[] position, Func<string, string> hash)
    {
        var node = JsonNode.Parse(position)!;
        foreach (var name in node["files"]!.AsObject().Select(entry => entry.Key).ToArray()) node["files"]![name] = hash(name);
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    private byte[] Hashed(byte[] position) => Hashed(position, name => HashOf(Path.Combine(_state, name)));

    private byte[] DamagedPosition(Random random)
    {
        if (random.Next(4) == 0) return Mutator.Damage(random, _valid[Position]);
        var position = JsonNode.Parse(_valid[Position])!.AsObject();
        for (var change = random.Next(1, 3); change > 0; change--)
        {
            var field = position.ElementAt(random.Next(position.Count)).Key;
            string[] values =
            [
                $"{random.Next(25)}", $"{random.Next(3)}", $"{Mutator.Interesting(random)}", "null", "true", "0.5", "1e300", "\"NaN\"",
                "\"-Infinity\"", "[]", "{}", "[1,2,3]", "\"done\"", "\"early\"", "99999999999999999999",
            ];
            position[field] = JsonNode.Parse(values[random.Next(values.Length)]);
        }

        return Encoding.UTF8.GetBytes(position.ToJsonString());
    }

    private byte[] DamagedTensors(Random random)
    {
        var file = _valid[Tensors];
        var length = (int)BitConverter.ToInt64(file);
        var (header, data) = (file[8..(8 + length)], file[(8 + length)..]);
        switch (random.Next(4))
        {
            case 0:
                header = Mutator.Damage(random, header);
                break;
            case 1:
                // Another number of values, offsets to match: the last tensor loses or gains some.
                data = random.Next(2) == 0 ? data[..^random.Next(1, 64)] : [.. data, .. new byte[random.Next(1, 64)]];
                break;
            case 2:
                BitConverter.TryWriteBytes((data = [.. data]).AsSpan(random.Next(data.Length / 4) * 4),
                    random.Next(2) == 0 ? float.NaN : float.PositiveInfinity);
                break;
            default:
                BitConverter.TryWriteBytes((data = [.. data]).AsSpan(random.Next(data.Length / 4) * 4), 0.25f);
                break;
        }

        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. data];
    }

    private static string Pick(Random random) => random.Next(8) switch
    {
        0 => "CURRENT",
        1 => s_live[random.Next(s_live.Length)],
        < 5 => Position,
        _ => Tensors,
    };

    private void Put(string name, byte[] content) =>
        File.WriteAllBytes(name == "CURRENT" ? Path.Combine(_run, "state", name) : Path.Combine(_state, name), content);

    private byte[] Agree() => Encoding.UTF8.GetBytes($"{Commit()[0]} {HashOf(Path.Combine(_state, Position))}\n");

    private string[] Commit() => Encoding.UTF8.GetString(_valid.GetValueOrDefault("CURRENT")
        ?? File.ReadAllBytes(Path.Combine(_run, "state", "CURRENT"))).Split(' ');

    private void AssertLiveFilesUntouched()
    {
        foreach (var name in s_live) Assert.That(LiveHash(name), Is.EqualTo(_liveHashes[name]), name);
    }

    private string LiveHash(string name) => HashOf(Path.Combine(_run, name));

    private static string HashOf(string path) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
}
