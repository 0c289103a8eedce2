using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The comparisons themselves: a check that cannot fail proves nothing.</summary>
[Category("Golden")]
internal sealed class GoldenCheckTests
{
    [Test]
    public void Distance_IsRelativeToTheLargestExpectedValue()
    {
        var distance = GoldenCheck.Distance([1.0, -3.5], [1.0, -4.0]);

        Assert.That(distance, Is.EqualTo(0.125));
    }

    [Test]
    public void Distance_NotANumberAnywhere_IsInfinite()
    {
        Assert.That(GoldenCheck.Distance([double.NaN, 1.0, 2.0], [1.0, 1.0, 2.0]), Is.EqualTo(double.PositiveInfinity));
        Assert.That(GoldenCheck.Distance([1.0, 2.0, double.NaN], [1.0, 2.0, 3.0]), Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void ShareWithin_CountsOnlyCloseValues()
    {
        var share = GoldenCheck.ShareWithin([1.0, 2.0, 3.0, double.NaN], [1.0, 2.5, 3.05, 4.0], 0.1);

        Assert.That(share, Is.EqualTo(0.5));
    }

    [Test]
    public void Checks_OnWrongValues_Fail()
    {
        AssertFails(() => GoldenCheck.Close([1.0, 2.1], [1.0, 2.0], 1e-2, "close"));
        AssertFails(() => GoldenCheck.Close([double.NaN], [1.0], 1e-2, "not a number"));
        AssertFails(() => GoldenCheck.Close([1.0], [1.0, 2.0], 1e-2, "lengths"));
        AssertFails(() => GoldenCheck.MostlyClose([1.0, 3.0], [1.0, 2.0], 1e-2, 0.75, "mostly"));
        AssertFails(() => GoldenCheck.EachClose([1.0, double.NaN], [1.0, 2.0], 1e-2, "each"));
    }

    private static void AssertFails(Action check)
    {
        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            Assert.That(check, Throws.TypeOf<AssertionException>());
        }
    }
}
