using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Comparisons with a recording, and the tolerances that README.md gives reasons for.</summary>
internal static class GoldenCheck
{
    /// <summary>Whole networks in float32: largest difference over largest value.</summary>
    public const double NetworkTolerance = 1e-5;

    /// <summary>Gradients in float32 of batches that were chosen free of ReLU flips.</summary>
    public const double GradientTolerance = 1e-4;

    /// <summary>The share of sampled gradients that must be within <see cref="GradientTolerance"/>.</summary>
    public const double GradientShare = 0.97;

    /// <summary>Relative difference of a gradient's norm in float32.</summary>
    public const double GradientNormTolerance = 1e-3;

    /// <summary>Relative difference of a parameter's norm after ten steps of SGD in float32.</summary>
    public const double TrainingNormTolerance = 3e-4;

    /// <summary>Anything computed in double.</summary>
    public const double DoubleTolerance = 1e-10;

    /// <summary>A pixel is right after one attack step when it is this close.</summary>
    public const double PixelTolerance = 1e-4;

    /// <summary>The share of pixels that must be right after one attack step.</summary>
    public const double PixelShare = 0.995;

    /// <summary>Relative difference of an image's loss after ten attack steps.</summary>
    public const double AttackLossTolerance = 2e-3;

    /// <summary>Largest difference, divided by the largest expected magnitude.</summary>
    public static double Distance(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        RequireSameLength(actual, expected);
        var (difference, largest) = (0.0, 0.0);
        for (var i = 0; i < actual.Length; i++)
        {
            // NUnit orders not-a-number below every number, so it has to become something large to be seen.
            var gap = Math.Abs(actual[i] - expected[i]);
            difference = double.IsNaN(gap) ? double.PositiveInfinity : Math.Max(difference, gap);
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }

        return largest > 0 ? difference / largest : difference;
    }

    /// <summary>The share of values within an absolute tolerance.</summary>
    public static double ShareWithin(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        RequireSameLength(actual, expected);
        var within = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (Math.Abs(actual[i] - expected[i]) <= tolerance)
                within++;
        }

        return within / (double)actual.Length;
    }

    /// <summary>Fails unless every value is within `tolerance` times the largest expected magnitude.</summary>
    public static void Close(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance, string what)
    {
        var distance = Distance(actual, expected);
        Assert.That(distance, Is.LessThanOrEqualTo(tolerance), what);
    }

    /// <summary>
    /// Fails unless a share of the values is within `tolerance` times the largest expected magnitude: for gradients, of
    /// which rounding may change a few by a lot where a ReLU is at its kink.
    /// </summary>
    public static void MostlyClose(
        ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance, double share, string what)
    {
        var largest = 0.0;
        foreach (var value in expected)
            largest = Math.Max(largest, Math.Abs(value));
        Assert.That(
            ShareWithin(actual, expected, tolerance * largest), Is.GreaterThanOrEqualTo(share), what);
    }

    /// <summary>Fails unless every value is within a relative tolerance of its own: losses, norms.</summary>
    public static void EachClose(
        ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance, string what)
    {
        RequireSameLength(actual, expected);
        for (var i = 0; i < actual.Length; i++)
        {
            var bound = tolerance * Math.Abs(expected[i]);
            Assert.That(actual[i], Is.EqualTo(expected[i]).Within(bound), $"{what}[{i}]");
        }
    }

    private static void RequireSameLength(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected) =>
        Assert.That(actual.Length, Is.EqualTo(expected.Length), "number of values");
}
