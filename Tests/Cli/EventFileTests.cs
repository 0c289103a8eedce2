using System.Text;
using Codat.Native.Cli;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class EventFileTests
{
    private static EpochMetrics Epoch(int epoch) => new()
    {
        Epoch = epoch, Step = epoch * 100L, Lr = 0.1, Loss = 1.5,
        Clean = new AccuracySummary(0.75, 0.5, [0.5, 1]), Robust = null,
        Risk = [new MeanDeviation(1, 0), new MeanDeviation(2, 0)],
        Weight = [new MeanDeviation(0.25, 0), new MeanDeviation(0.75, 0)],
        Variance = 0, EtaEff = 0.3, NegativeShare = 0, ObjectiveGap = 0, Seconds = default,
        ImagesPerSecond = 1000, PeakBytes = 1,
    };

    // RFC 3720, appendix B.4, and the common check value of CRC-32C.
    [TestCase("123456789", 0xE3069283u)]
    [TestCase("", 0u)]
    public void Crc32C_KnownText_KnownAnswer(string text, uint expected)
        => Assert.That(MaskedCrc.Crc32C(Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));

    [TestCase(0x00, 0x8A9136AAu)]
    [TestCase(0xFF, 0x62A8AB43u)]
    public void Crc32C_ThirtyTwoEqualBytes_KnownAnswer(int value, uint expected)
    {
        byte[] data = new byte[32];
        Array.Fill(data, (byte)value);

        Assert.That(MaskedCrc.Crc32C(data), Is.EqualTo(expected));
    }

    [Test]
    public void Compute_KnownText_IsRotatedAndOffset()
    {
        // 0xE3069283 rotated right by 15 is 0x2507C60D; plus 0xA282EAD8.
        Assert.That(MaskedCrc.Compute("123456789"u8), Is.EqualTo(0xC78AB0E5u));
    }

    [Test]
    public void Version_Message_IsTheKnownBytes()
    {
        byte[] expected = [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0x1A, 0x0D, .. "brain.Event:2"u8];

        Assert.That(EventMessage.Version(1.5), Is.EqualTo(expected));
    }

    [Test]
    public void Scalars_Message_IsTheKnownBytes()
    {
        byte[] expected =
        [
            0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, // wall_time = 1.5
            0x10, 0xAC, 0x02, // step = 300
            0x2A, 0x0A, // summary, 10 bytes
            0x0A, 0x08, // value, 8 bytes
            0x0A, 0x01, (byte)'a', // tag = "a"
            0x15, 0, 0, 0, 0x3F, // simple_value = 0.5
        ];

        byte[] message = EventMessage.Scalars(1.5, 300, [("a", 0.5)]);

        Assert.That(message, Is.EqualTo(expected));
        Assert.That(EventMessage.StepOf(message), Is.EqualTo(300));
    }

    [Test]
    public void Open_AfterAKill_ContinuesWhereTheStateStands()
    {
        using var temp = new TempFolder();
        using (EventFile file = EventFile.Open(temp.Path, 0))
        {
            file.Add(Epoch(1), ["cat", "dog"]);
        }
        string path = Directory.GetFiles(temp.Path).Single();
        byte[] committed = File.ReadAllBytes(path);
        using (EventFile file = EventFile.Open(temp.Path, 100))
        {
            file.Add(Epoch(2), ["cat", "dog"]);
        }
        byte[] longer = File.ReadAllBytes(path);
        File.WriteAllBytes(path, longer[..^3]);

        using (EventFile.Open(temp.Path, 100)) { }

        Assert.That(longer, Has.Length.GreaterThan(committed.Length));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(committed));
        Assert.That(Path.GetFileName(path), Does.Match(@"^events\.out\.tfevents\.\d{10}\.codat$"));
    }

    [Test]
    public void Train_WithTensorboard_WritesAnEventForEachEpochOnce()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        using (var cancel = new CancellationTokenSource())
        {
            // Stopped in the second epoch, after a save that comes later than the last event.
            var options = TinyRun.Options(path, "tensorboard=true", "save-every=0.000001s");
            var view = new Events { OnStep = made => { if (made.Step == 13) cancel.Cancel(); } };
            using var observer = new ObserverAdapter(new NoView(view));
            Trainer.Run(options, observer, cancel.Token);
        }

        var resumed = CliRun.Invoke("train", "--resume", path);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.Error);
        var bytes = File.ReadAllBytes(Directory.GetFiles(path, "events.out.tfevents.*").Single());
        var messages = Records(bytes);
        Assert.That(messages.Select(EventMessage.StepOf), Is.EqualTo(new long[] { 0, 10, 20 }));
        foreach (var tag in (string[])["train/loss", "robust/worst", "weight/stripes-0", "codat/variance"])
            Assert.That(messages[1].AsSpan().IndexOf(Encoding.ASCII.GetBytes(tag)), Is.Positive, tag);
    }

    [Test]
    public void Open_FileThatCannotBeWritten_SaysSo()
    {
        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder.File("events.out.tfevents.0.codat"), folder.File("no/where"));

        var error = Assert.Throws<CodatException>(() => EventFile.Open(folder.Path, 0));

        Assert.That(error!.Message, Does.Contain("the TensorBoard events cannot be written"));
    }

    [Test]
    public void Open_DamagedRecord_IsCutOff()
    {
        using var temp = new TempFolder();
        using (EventFile file = EventFile.Open(temp.Path, 0))
        {
            file.Add(Epoch(1), ["cat", "dog"]);
        }
        string path = Directory.GetFiles(temp.Path).Single();
        byte[] bytes = File.ReadAllBytes(path);
        int versionBytes = 12 + EventMessage.Version(1).Length + 4;
        bytes[versionBytes + 30] ^= 1;
        File.WriteAllBytes(path, bytes);

        using (EventFile.Open(temp.Path, 1000)) { }

        Assert.That(new FileInfo(path).Length, Is.EqualTo(versionBytes));
    }

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BitConverter.ToInt64(file, at);
            records.Add(file[(at + 12)..(at + 12 + length)]);
            at += 12 + length + 4;
        }

        return records;
    }

    private sealed class NoView(ITrainingObserver inner) : ITrainingView
    {
        public void Start(TrainingStart start) => inner.Started(start);

        public void Step(in TrainingStep step) => inner.Stepped(step);

        public void Epoch(EpochMetrics metrics, bool isBest) => inner.EpochEnded(metrics, isBest);

        public void Progress(string what, long done, long total) => inner.Progressed(what, done, total);

        public void Notice(string line)
        {
        }

        public T Run<T>(Func<T> work) => work();

        public void Finish(TrainResult result)
        {
        }
    }
}
