using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The generator against first values written down from recorder/values.py: every bit counts.</summary>
[Category("Golden")]
internal sealed class GoldenValuesTests
{
    private const double TwoTo24 = 16_777_216;

    [Test]
    public void Unit_OfX_StartsWithKnownMultiples()
    {
        var stream = GoldenValues.Unit("x", 4);
        var otherCase = GoldenValues.Unit("x", 3, seed: 3);

        double[] expected = [3375714, 13564828, 10793179, 13893370];
        double[] expectedOther = [1884379, 5762518, 8388439];
        Assert.That(Array.ConvertAll(stream, u => u * TwoTo24), Is.EqualTo(expected));
        Assert.That(Array.ConvertAll(otherCase, u => u * TwoTo24), Is.EqualTo(expectedOther));
    }

    [Test]
    public void State_OfEachKind_StartsWithKnownValues()
    {
        var plain = GoldenValues.State("conv1.weight", [16, 3, 3, 3]);
        var damped = GoldenValues.State("conv1.weight", [64, 3, 3, 3], GoldenValues.Gain("resnet18"));
        var variance = GoldenValues.State("bn1.running_var", [3]);
        var gamma = GoldenValues.State("bn1.weight", [3]);
        var bias = GoldenValues.State("linear.bias", [3]);

        Assert.That(plain[..3], Is.EqualTo(new[] { 0.04249706119298935f, 0.23114067316055298f, -0.4497937560081482f }));
        Assert.That(
            damped[..3], Is.EqualTo(new[] { 0.029747942462563515f, 0.16179847717285156f, -0.3148556351661682f }));
        Assert.That(variance, Is.EqualTo(new[] { 1.0569230318069458f, 1.1147013902664185f, 1.1883115768432617f }));
        Assert.That(gamma, Is.EqualTo(new[] { 0.9440816044807434f, 1.1297636032104492f, 1.0276751518249512f }));
        Assert.That(bias, Is.EqualTo(new[] { 0.02539694309234619f, 0.038938283920288086f, -0.001658880733884871f }));
    }

    [Test]
    public void LabelsAndIndices_AreTheKnownOnes()
    {
        Assert.That(GoldenValues.Labels(8), Is.EqualTo(new[] { 8, 6, 9, 7, 0, 9, 3, 6 }));
        Assert.That(GoldenValues.Labels(8, seed: 200), Is.EqualTo(new[] { 5, 4, 8, 5, 6, 2, 8, 9 }));
        Assert.That(GoldenValues.SampleIndices(6, 1000), Is.EqualTo(new[] { 535, 700, 679, 444, 747, 90 }));
    }

    [Test]
    public void Generator_RecordedValues_AreTheSameBits()
    {
        var file = GoldenFile.Open("ops");

        Assert.That(GoldenValues.Unit("x", 8), Is.EqualTo(file.Doubles("values/unit")));
        Assert.That(GoldenValues.Unit("x", 8, seed: 3), Is.EqualTo(file.Doubles("values/unit/case3")));
        Assert.That(
            GoldenValues.State("conv1.weight", [16, 1, 3, 3])[..9], Is.EqualTo(file.Floats("values/conv1.weight")));
        Assert.That(GoldenValues.State("bn1.running_var", [8]), Is.EqualTo(file.Floats("values/bn1.running_var")));
        Assert.That(GoldenValues.State("bn1.weight", [8]), Is.EqualTo(file.Floats("values/bn1.weight")));
        Assert.That(
            Array.ConvertAll(GoldenValues.Labels(32), label => (long)label), Is.EqualTo(file.Longs("values/labels")));
        Assert.That(
            Array.ConvertAll(GoldenValues.SampleIndices(16, 1000), index => (long)index),
            Is.EqualTo(file.Longs("values/indices")));
    }
}
