using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The step sizes of APGD against Tests/Golden/recorder/apgd_schedule.py, which works them out in fractions.</summary>
internal sealed class ApgdScheduleTests
{
    [TestCase("rising", 1, new[] { 22, 57, 70, 80, 87, 93 })]
    [TestCase("rising", 7, new[] { 22, 41, 57, 80 })]
    [TestCase("flat", 1, new[] { 22, 41, 57, 70, 80, 87, 93, 99 })]
    [TestCase("flat", 7, new[] { 22, 41, 57, 70, 80, 87, 93, 99 })]
    [TestCase("late", 1, new[] { 22, 41, 57, 87 })]
    [TestCase("late", 7, new[] { 22, 41, 57 })]
    [TestCase("saturating", 1, new[] { 57, 70, 80, 87, 93, 99 })]
    [TestCase("saturating", 7, new[] { 41, 57, 70, 80, 87, 93, 99 })]
    public void Take_LossesOfARun_HalvesWhereTheDefinitionDoes(string kind, int seed, int[] halvings)
    {
        var schedule = new ApgdSchedule(100, 0.5);
        var losses = Losses(kind, seed);
        schedule.Reset(losses[0]);
        var found = new List<int>();
        Assert.That(schedule.StepSize, Is.EqualTo(1));

        for (var i = 1; i <= 100; i++)
        {
            Assert.That(schedule.Improves(losses[i]), Is.EqualTo(losses[i] > losses[..i].Max()));
            if (schedule.Take(losses[i])) found.Add(i);
            Assert.That(schedule.StepSize, Is.EqualTo(Math.Pow(0.5, found.Count)));
        }

        Assert.That(found, Is.EqualTo(halvings));
        Assert.That(schedule.Best, Is.EqualTo(losses.Max()));
    }

    private static float[] Losses(string kind, int seed)
    {
        var state = (long)seed;
        return [.. Enumerable.Range(0, 101).Select(i =>
        {
            state = (1103515245 * state + 12345) % (1L << 31);
            var noise = (state >> 16) / 32768.0 - 0.5;
            return (float)(kind switch
            {
                "rising" => i / 4.0,
                "flat" => 0,
                "late" => Math.Max(0, i - 60) / 2.0,
                _ => 40.0 * i / (i + 10),
            } + noise * (kind == "flat" ? 4 : 1));
        })];
    }
}
