using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// That the recordings can be trusted: a part of each is recomputed here from its definition, with the generated
/// inputs. A slip in a generator, a reader or a file shows up here and not as a puzzle in a test of the product.
/// </summary>
[Category("Golden")]
internal sealed class GoldenRecordingTests
{
    private const double Tight = 1e-12;
    private const double Peak = 0.1;

    [TestCase("networks")]
    [TestCase("attacks")]
    [TestCase("training")]
    [TestCase("losses")]
    [TestCase("ops")]
    public void Open_EveryArea_HasFiniteTensorsOfTheirShape(string area)
    {
        var file = GoldenFile.Open(area);

        Assert.That(file.Word("torch"), Does.StartWith("1.13"));
        foreach (var name in file.Names)
        {
            var count = 1;
            foreach (var extent in file.Shape(name))
                count *= extent;
            var values = name is "values/labels" or "values/indices" or "codat/classes" ? null : file.Doubles(name);
            Assert.That(values?.Length ?? count, Is.EqualTo(count), name);
            Assert.That(values ?? [], Has.All.Matches<double>(double.IsFinite), name);
        }
    }

    [TestCase("resnet18", 11_173_962)]
    [TestCase("preact-resnet18", 11_172_170)]
    [TestCase("wrn-28-10", 36_479_194)]
    [TestCase("wrn-34-10", 46_160_474)]
    [TestCase("medium-cnn", 467_818)]
    [TestCase("small-cnn", 23_946)]
    public void Parameters_OfNetwork_AddUpToTheKnownNumber(string network, int expected)
    {
        var file = GoldenFile.Open("networks");

        var total = 0;
        foreach (var (_, shape) in file.Parameters(network))
        {
            var count = 1;
            foreach (var extent in shape)
                count *= extent;
            total += count;
        }

        Assert.That(total, Is.EqualTo(expected));
    }

    [TestCase("3x3")]
    [TestCase("3x3-stride2")]
    [TestCase("3x3-stride2-odd")]
    [TestCase("3x3-valid")]
    [TestCase("3x3-pad2")]
    [TestCase("3x3-wide")]
    [TestCase("1x1")]
    [TestCase("1x1-stride2")]
    [TestCase("2x3")]
    [TestCase("5x5-stride2")]
    [TestCase("7x7-stride3")]
    public void Convolution_FromDefinition_MatchesRecording(string name)
    {
        var file = GoldenFile.Open("ops");
        var key = $"conv/{name}";
        var p = file.Integers(key);
        var size = new NaiveReference.Window(p[0], p[1], p[2], p[3], p[5], p[6], p[7], p[8]);

        var (y, dx, dw, db) = NaiveReference.Convolution(
            size, p[4], Stream($"{key}/x", p[0] * p[1] * p[2] * p[3]), Stream($"{key}/w", p[4] * p[1] * p[5] * p[6]),
            Stream($"{key}/b", p[4]), count => Stream($"{key}/dy", count));

        GoldenCheck.Close(y, file.Doubles($"{key}/y"), Tight, "y");
        GoldenCheck.Close(dx, file.Doubles($"{key}/dx"), Tight, "dx");
        GoldenCheck.Close(dw, file.Doubles($"{key}/dw"), Tight, "dw");
        GoldenCheck.Close(db, file.Doubles($"{key}/db"), Tight, "db");
    }

    [TestCase("2x2")]
    [TestCase("2x2-odd")]
    [TestCase("3x3-stride2-pad1")]
    [TestCase("3x3-overlap")]
    public void MaxPool_WithTies_GivesTheFirstOfTheWindowTheGradient(string name)
    {
        const int Levels = 4;
        var file = GoldenFile.Open("ops");
        var p = file.Integers($"pool/max/{name}");
        var size = new NaiveReference.Window(p[0], p[1], p[2], p[3], p[4], p[4], p[5], p[6]);
        var x = GoldenValues.Unit($"pool/{name}/x", p[0] * p[1] * p[2] * p[3]);
        for (var i = 0; i < x.Length; i++)
            x[i] = Math.Floor(x[i] * Levels);

        var (y, dx) = NaiveReference.MaxPool(size, x, count => Stream($"pool/{name}/dy", count));

        GoldenCheck.Close(y, file.Doubles($"pool/max/{name}/y"), Tight, "y");
        GoldenCheck.Close(dx, file.Doubles($"pool/max/{name}/dx"), Tight, "dx");
    }

    [TestCase("small-cnn", 1, 28)]
    [TestCase("small-cnn-rgb", 3, 32)]
    public void SmallCnn_FromDefinition_MatchesRecordedLogits(string name, int channels, int side)
    {
        var file = GoldenFile.Open("networks");
        var shapes = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var (tensor, shape) in file.Parameters(name))
            shapes.Add(tensor, shape);
        var batch = file.Integers($"{name}/images")[0];
        var images = GoldenValues.Widen(file.Images(name));

        var logits = NaiveReference.SmallCnn(
            batch, channels, side, images, tensor => GoldenValues.Widen(GoldenValues.State(tensor, shapes[tensor])));

        var losses = new double[batch];
        for (var i = 0; i < batch; i++)
            losses[i] = NaiveReference.CrossEntropy(logits.AsSpan(i * 10, 10), file.Labels(name)[i]);

        GoldenCheck.Close(logits, file.Doubles($"{name}/eval/logits"), Tight, "logits");
        GoldenCheck.Close(losses, file.Doubles($"{name}/eval/loss"), Tight, "losses");
        GoldenCheck.Close(file.Doubles($"{name}/eval/logits/f32"), logits, GoldenCheck.NetworkTolerance, "float32");
    }

    [TestCase("logits", 3.0)]
    [TestCase("large", 120.0)]
    public void CrossEntropy_FromDefinition_MatchesRecording(string name, double scale)
    {
        const int Classes = 10;
        var file = GoldenFile.Open("losses");
        var expected = file.Doubles($"ce/{name}/value");
        var labels = GoldenValues.Labels(expected.Length);
        var logits = GoldenValues.Widen(GoldenValues.Affine(name, expected.Length * Classes, 0.0, scale));

        var actual = new double[expected.Length];
        for (var i = 0; i < actual.Length; i++)
            actual[i] = NaiveReference.CrossEntropy(logits.AsSpan(i * Classes, Classes), labels[i]);

        GoldenCheck.Close(actual, expected, Tight, name);
    }

    [Test]
    public void Codat_Published_IsMeanPlusRootOfRadiusTimesVariance([Values("0.1", "0.3", "1.0")] string eta)
    {
        var file = GoldenFile.Open("losses");
        var risks = file.Doubles($"codat/{eta}/risk");
        var radius = double.Parse(eta, System.Globalization.CultureInfo.InvariantCulture);

        var (mean, square) = (0.0, 0.0);
        foreach (var risk in risks)
            (mean, square) = (mean + risk / risks.Length, square + risk * risk / risks.Length);
        var value = mean + Math.Sqrt(radius * (square - mean * mean));

        Assert.That(value, Is.EqualTo(file.Scalar($"codat/{eta}/published/value")).Within(1e-9));
        Assert.That(risks, Has.Length.EqualTo(file.Longs("codat/classes").Length));
        Assert.That(file.Scalar($"codat/{eta}/exact/value"), Is.LessThanOrEqualTo(value + 1e-9));
    }

    [Test]
    public void OneCycle_FromDefinition_MatchesRecording()
    {
        const double Share = 0.3;
        var recorded = GoldenFile.Open("training").Doubles("schedule/onecycle");
        var (first, last, turn) = (Peak / 25, Peak / 250_000, Share * recorded.Length - 1);

        for (var i = 0; i < recorded.Length; i++)
        {
            var rate = i <= turn
                ? Cosine(first, Peak, i / turn)
                : Cosine(Peak, last, (i - turn) / (recorded.Length - 1 - turn));
            Assert.That(recorded[i], Is.EqualTo(rate).Within(1e-12), $"step {i}");
        }
    }

    [TestCase("small-cnn/linf")]
    [TestCase("medium-cnn/linf")]
    [TestCase("resnet18/linf")]
    [TestCase("small-cnn/l2")]
    [TestCase("medium-cnn/l2")]
    [TestCase("resnet18/l2")]
    public void Attack_RecordedStep_MovesByTheStepAndRaisesEveryLoss(string key)
    {
        var file = GoldenFile.Open("attacks");
        var (radius, step) = (file.Doubles($"{key}/threat")[0], file.Doubles($"{key}/threat")[1]);
        var shape = file.Shape($"{key}/step1");
        var adversarial = file.Doubles($"{key}/step1");
        var seed = (ulong)file.Doubles($"{key}/case")[0];
        var clean = GoldenValues.Images(shape[0], shape[1], shape[2], shape[3], seed);

        var largest = 0.0;
        for (var i = 0; i < clean.Length; i++)
            largest = Math.Max(largest, Math.Abs(adversarial[i] - clean[i]));
        var (before, one, ten) =
            (file.Doubles($"{key}/loss0"), file.Doubles($"{key}/loss1"), file.Doubles($"{key}/loss10"));

        Assert.That(largest, Is.LessThanOrEqualTo(step + 1e-7).And.GreaterThan(step / 100));
        Assert.That(file.Doubles($"{key}/norm10"), Has.All.LessThanOrEqualTo(radius + 1e-7));
        for (var i = 0; i < before.Length; i++)
            Assert.That(before[i] < one[i] && one[i] < ten[i], Is.True, $"image {i}");
    }

    private static double[] Stream(string name, int count) =>
        GoldenValues.Widen(GoldenValues.Affine(name, count, 0.0, 1.0));

    private static double Cosine(double from, double to, double share) =>
        to + (from - to) / 2 * (1 + Math.Cos(Math.PI * share));
}
