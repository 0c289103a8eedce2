using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Comparisons of arrays of numbers.</summary>
internal static class Expect
{
    /// <summary>What a float kernel may differ by, relative to the largest value: a few hundred roundings, Winograd included.</summary>
    public const double FloatTolerance = 5e-6;

    /// <summary>What a double kernel may differ by, relative to the largest value.</summary>
    public const double DoubleTolerance = 2e-14;

    public static double Tolerance(DType type) => type == DType.Float64 ? DoubleTolerance : FloatTolerance;

    /// <summary>The largest difference stays below a part of the largest expected value.</summary>
    public static void Close(double[] actual, double[] expected, double tolerance, string what = "")
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        var scale = 0.0;
        foreach (var e in expected) scale = Math.Max(scale, Math.Abs(e));
        for (var i = 0; i < expected.Length; i++)
        {
            // Written so that a NaN fails.
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance * Math.Max(scale, 1e-30)))
                Assert.Fail($"{what} element {i}: {actual[i]:R}, expected {expected[i]:R} within {tolerance:R} of {scale:R}");
        }
    }

    public static void Close(double[] actual, double[] expected, DType type, string what = "") =>
        Close(actual, expected, Tolerance(type), what);

    /// <summary>The same bits, the sign of zero and NaN included.</summary>
    public static void SameBits(double[] actual, double[] expected, string what = "")
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.DoubleToInt64Bits(actual[i]) != BitConverter.DoubleToInt64Bits(expected[i]))
                Assert.Fail($"{what} element {i}: {actual[i]:R}, expected exactly {expected[i]:R}");
        }
    }
}
