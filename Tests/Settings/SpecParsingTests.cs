using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class SpecParsingTests
{
    [TestCase("batch", null)]
    [TestCase("ema:0.9", 0.9)]
    [TestCase("ema:0", 0.0)]
    public void RiskPolicy_GoodText_RoundTrips(string text, double? decay)
    {
        RiskPolicy policy = RiskPolicy.Parse(text, "--risk");

        Assert.That(policy.Decay, Is.EqualTo(decay));
        Assert.That(policy.ToString(), Is.EqualTo(text));
    }

    [TestCase("10%", 50_000, 5_000)]
    [TestCase("12.5%", 1_000, 125)]
    [TestCase("300", 50_000, 300)]
    [TestCase("1E-05%", 10_000_000, 1)]
    [TestCase("none", 50_000, 0)]
    public void ValSpec_GoodText_RoundTrips(string text, int images, int expected)
    {
        ValSpec val = ValSpec.Parse(text, "--val");

        Assert.That(val.ToSplitSize().Of(images), Is.EqualTo(expected));
        Assert.That(val.ToString(), Is.EqualTo(text));
    }

    [TestCase("30s", 30)]
    [TestCase("10m", 600)]
    [TestCase("2h", 7200)]
    [TestCase("1.5s", 1.5)]
    [TestCase("off", null)]
    public void DurationSpec_GoodText_RoundTrips(string text, double? seconds)
    {
        DurationSpec duration = DurationSpec.Parse(text, "--save-every");

        Assert.That(duration.Value?.TotalSeconds, Is.EqualTo(seconds));
        Assert.That(duration.ToString(), Is.EqualTo(text));
    }

    [TestCase("exp:0.01", 0.01)]
    [TestCase("exp:1", 1.0)]
    public void ImbalanceSpec_GoodText_RoundTrips(string text, double ratio)
    {
        ImbalanceSpec spec = ImbalanceSpec.Parse(text, "--imbalance")!.Value;

        Assert.That(spec.Ratio, Is.EqualTo(ratio));
        Assert.That(spec.ToString(), Is.EqualTo(text));
    }

    [Test]
    public void KeepSpec_GoodText_SortsByClass()
    {
        KeepSpec spec = KeepSpec.Parse("5=0.5,3=0.2", "--keep")!;

        Assert.Multiple(() =>
        {
            Assert.That(spec.ToString(), Is.EqualTo("3=0.2,5=0.5"));
            Assert.That(spec.Shares, Is.EqualTo(new Dictionary<int, double> { [3] = 0.2, [5] = 0.5 }));
            Assert.That(spec, Is.EqualTo(KeepSpec.Parse("3=0.2, 5=0.5", "--keep")));
        });
    }

    [TestCase("risk", "ema:1")]
    [TestCase("risk", "ema:")]
    [TestCase("risk", "ema")]
    [TestCase("risk", "batch:0.9")]
    [TestCase("val", "0%")]
    [TestCase("val", "100%")]
    [TestCase("val", "0")]
    [TestCase("val", "-5")]
    [TestCase("val", "0.1")]
    [TestCase("save-every", "10")]
    [TestCase("save-every", "0s")]
    [TestCase("save-every", "m")]
    [TestCase("save-every", "")]
    [TestCase("save-every", "-3m")]
    [TestCase("imbalance", "exp:0")]
    [TestCase("imbalance", "exp:1.1")]
    [TestCase("imbalance", "0.01")]
    [TestCase("keep", "3")]
    [TestCase("keep", "3=2")]
    [TestCase("keep", "-1=0.5")]
    [TestCase("keep", "3=0.5,3=0.2")]
    [TestCase("keep", "")]
    [TestCase("missing", "drop")]
    [TestCase("variance", "Plain")]
    [TestCase("prior", "")]
    [TestCase("norm", "l1")]
    [TestCase("eps", "8")]
    [TestCase("step", "0")]
    [TestCase("step", "2")]
    [TestCase("steps", "0")]
    [TestCase("steps", "1e1")]
    [TestCase("start", "random")]
    [TestCase("attack-bn", "frozen")]
    [TestCase("epochs", "0")]
    [TestCase("epochs", "2.5")]
    [TestCase("batch", "-1")]
    [TestCase("lr", "0")]
    [TestCase("lr", "inf")]
    [TestCase("lr", "0,1")]
    [TestCase("momentum", "1")]
    [TestCase("weight-decay", "-1")]
    [TestCase("augment", "flip")]
    [TestCase("label-smoothing", "1")]
    [TestCase("ema", "1")]
    [TestCase("eta", "-0.1")]
    [TestCase("eta", "auto:gap")]
    [TestCase("eta", "auto:")]
    [TestCase("eta", "automatic")]
    [TestCase("beta", "-1")]
    [TestCase("loss", "hinge")]
    [TestCase("objective", "sgd")]
    [TestCase("objective", "madry")]
    [TestCase("class-weights", "uniform")]
    [TestCase("weights", "signed")]
    [TestCase("dataset", "mnist")]
    [TestCase("model", "resnet19")]
    [TestCase("model", "wrn-35-10")]
    [TestCase("model", "wrn-034-10")]
    [TestCase("model", "wrn-28")]
    [TestCase("test", "")]
    [TestCase("val-attack", "none")]
    [TestCase("max-steps", "0")]
    [TestCase("train-limit", "all")]
    [TestCase("precision", "fp16")]
    [TestCase("determinism", "exact")]
    [TestCase("device", "gpu")]
    [TestCase("device", "cuda:")]
    [TestCase("device", "cuda:-1")]
    [TestCase("device", "cuda:1x")]
    [TestCase("threads", "0")]
    [TestCase("seed", "-1")]
    [TestCase("seed", "9223372036854775808")]
    [TestCase("nesterov", "yes")]
    [TestCase("out", "")]
    public void Resolve_BadValue_NamesTheOption(string name, string text)
    {
        SettingLayer typed = SettingLayer.Empty.Add(name, text);

        CodatException error =
            Assert.Throws<CodatException>(() => TrainResolver.Resolve(typed, SettingLayer.Empty))!;

        Assert.Multiple(() =>
        {
            Assert.That(error.Where, Is.EqualTo("--" + name));
            Assert.That(error.IsUsage, Is.True);
            Assert.That(error.Expected, Is.Not.Empty);
        });
    }

    [Test]
    public void Prior_FrequencyOfCounts_IsTheirShare()
        => Assert.That(PriorSpec.Frequency.Resolve([1, 3]), Is.EqualTo(new[] { 0.25, 0.75 }));

    [TestCase("0.5 0.5\n", true)]
    [TestCase("0.25,0.75", true)]
    [TestCase("0.5,0.6", false)]
    [TestCase("0,1", false)]
    [TestCase("-0.5,1.5", false)]
    [TestCase("1", false)]
    [TestCase("0.5,half", false)]
    [TestCase("0.5,0.5000005", true)]
    [TestCase("0.5,0.500002", false)]
    public void Prior_TextFile_IsChecked(string content, bool good)
    {
        using var folder = new TempFolder();
        string path = folder.Write("prior.txt", content);
        PriorSpec prior = PriorSpec.Parse(path, "--prior");

        Assert.That(() => prior.Resolve([10, 10]), good ? Throws.Nothing : Throws.InstanceOf<CodatException>());
    }

    [TestCase("<f4", 4)]
    [TestCase("<f8", 8)]
    public void Prior_NpyFile_IsRead(string type, int width)
    {
        using var folder = new TempFolder();
        string path = folder.WriteNpy("prior.npy", type, "(2,)", width == 4
            ? [.. BitConverter.GetBytes(0.25f), .. BitConverter.GetBytes(0.75f)]
            : [.. BitConverter.GetBytes(0.25), .. BitConverter.GetBytes(0.75)]);

        double[] prior = PriorSpec.Parse(path, "--prior").Resolve([10, 10]);

        Assert.That(prior, Is.EqualTo(new[] { 0.25, 0.75 }));
    }

    [TestCase("<i4", "(2,)", 8)]
    [TestCase("<f4", "(2, 1)", 8)]
    [TestCase("<f4", "()", 4)]
    [TestCase("<f4", "(3,)", 8)]
    [TestCase(">f4", "(2,)", 8)]
    public void VectorText_OtherNpy_Throws(string type, string shape, int bytes)
    {
        using var folder = new TempFolder();
        string path = folder.WriteNpy("vector.npy", type, shape, new byte[bytes]);

        CodatException error = Assert.Throws<CodatException>(() => VectorText.ReadFile(path))!;

        Assert.That(error.Where, Is.EqualTo(path));
    }

    [Test]
    public void VectorText_CutNpy_Throws()
    {
        using var folder = new TempFolder();
        string path = folder.WriteNpy("vector.npy", "<f8", "(2,)", new byte[16]);
        byte[] whole = File.ReadAllBytes(path);

        for (int length = 11; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<CodatException>(() => VectorText.ReadFile(path), $"cut to {length} bytes");
        }
    }
}
