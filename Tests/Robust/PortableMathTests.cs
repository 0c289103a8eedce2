using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Our own exponential and logarithm against the runtime's.</summary>
internal sealed class PortableMathTests
{
    private const double Units = 6;

    [Test]
    public void ExpAndLog_OverTheirRange_AreWithinUnitsOfTheRuntime()
    {
        var random = new Random(1);
        for (var i = 0; i < 200_000; i++)
        {
            var x = i % 2 == 0 ? 1416 * random.NextDouble() - 708 : 2 * random.NextDouble() - 1;
            Close(PortableMath.Exp(x), Math.Exp(x), $"exp {x:R}");
            var y = Math.ScaleB(1 + random.NextDouble(), random.Next(-1070, 1023));
            Close(PortableMath.Log(y), Math.Log(y), $"log {y:R}");
            Close(PortableMath.Log(1 + x / 1e3), Math.Log(1 + x / 1e3), $"log near 1, {x:R}");
        }
    }

    [Test]
    public void SmallArguments_KeepTheirDigits()
    {
        for (var x = 0.3; x > 1e-200; x *= 0.37)
        {
            foreach (var signed in new[] { x, -x })
            {
                // e^x - 1 = x + x^2/2 + ...; y - log(1 + y) = y^2/2 - y^3/3 + ...; smallest terms first.
                double less = 0, gap = 0;
                for (var n = 80; n > 0; n--)
                {
                    less = signed / n * (1 + less);
                    gap = 1.0 / (n + 1) - signed * gap;
                }
                gap *= signed * signed;
                Close(PortableMath.ExpLessOne(signed), less, $"expm1 {signed:R}");
                Close(PortableMath.LogGap(signed), gap, $"gap {signed:R}");
            }
        }
    }

    [Test]
    public void Edges_AreTheRuntimes()
    {
        double[] ends = [0, -0.0, double.PositiveInfinity, double.NaN, double.MaxValue];
        foreach (var x in ends)
        {
            Assert.That(PortableMath.Exp(x), Is.EqualTo(Math.Exp(x)));
            Assert.That(PortableMath.Log(x), Is.EqualTo(Math.Log(x)));
        }
        Assert.That(PortableMath.Exp(double.NegativeInfinity), Is.Zero);
        Assert.That(PortableMath.Log(-1), Is.NaN);
        Assert.That(PortableMath.Exp(-744), Is.EqualTo(Math.Exp(-744)).Within(double.Epsilon));
    }

    private static void Close(double found, double expected, string what) =>
        Assert.That(Math.Abs(found - expected), Is.LessThanOrEqualTo(Units * Math.Abs(Math.BitIncrement(expected) - expected)), what);
}
