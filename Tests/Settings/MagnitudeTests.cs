using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class MagnitudeTests
{
    [TestCase("8/255", 8.0 / 255)]
    [TestCase("0/255", 0.0)]
    [TestCase("2.5/255", 2.5 / 255)]
    [TestCase("0.1", 0.1)]
    [TestCase("1e-3", 0.001)]
    [TestCase("3", 3.0)]
    public void Parse_GoodText_KeepsTextAndValue(string text, double expected)
    {
        Magnitude magnitude = Magnitude.Parse(text, "--eps");

        Assert.Multiple(() =>
        {
            Assert.That(magnitude.Value, Is.EqualTo(expected));
            Assert.That(magnitude.Text, Is.EqualTo(text));
        });
    }

    [TestCase("")]
    [TestCase("-0.1")]
    [TestCase("8/256")]
    [TestCase("/255")]
    [TestCase("8/")]
    [TestCase("-8/255")]
    [TestCase("0,1")]
    [TestCase(" 0.1")]
    [TestCase("NaN")]
    [TestCase("1e999")]
    [TestCase("eight")]
    public void Parse_BadText_NamesThePlace(string text)
    {
        CodatException error = Assert.Throws<CodatException>(() => Magnitude.Parse(text, "--eps"))!;

        Assert.Multiple(() =>
        {
            Assert.That(error.Where, Is.EqualTo("--eps"));
            Assert.That(error.Found, Is.EqualTo($"'{text}'"));
            Assert.That(error.IsUsage, Is.True);
        });
    }

    [Test]
    public void Parse_BareEightForLinf_SaysWhatToWrite()
    {
        CodatException error = Assert.Throws<CodatException>(() => Magnitude.Parse("8", "--eps", Norm.Linf))!;

        Assert.That(error.Fix, Is.EqualTo("write 8/255"));
    }

    [TestCase("1")]
    [TestCase("255/255")]
    [TestCase("1000")]
    public void Parse_OneOrMoreForLinf_Throws(string text)
        => Assert.Throws<CodatException>(() => Magnitude.Parse(text, "--eps", Norm.Linf));

    [Test]
    public void Parse_OneOrMoreForL2_IsAllowed()
        => Assert.That(Magnitude.Parse("1.5", "--eps", Norm.L2).Value, Is.EqualTo(1.5));

    [Test]
    public void Default_Text_ReadsBackAsZero()
        => Assert.That(Magnitude.Parse(default(Magnitude).Text, "--eps").Value, Is.Zero);
}
