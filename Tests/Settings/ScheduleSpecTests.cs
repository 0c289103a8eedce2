using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ScheduleSpecTests
{
    // Relative; a handful of roundings around one cosine.
    private const double Tolerance = 1e-12;

    [TestCase("piecewise:75%,90%")]
    [TestCase("piecewise:60,80")]
    [TestCase("piecewise:12.5%")]
    [TestCase("cosine")]
    [TestCase("onecycle")]
    [TestCase("cyclic")]
    [TestCase("constant")]
    public void Parse_GoodText_PrintsTheSame(string text)
        => Assert.That(ScheduleSpec.Parse(text, "--schedule").ToString(), Is.EqualTo(text));

    [TestCase("")]
    [TestCase("piecewise")]
    [TestCase("piecewise:")]
    [TestCase("piecewise:0")]
    [TestCase("piecewise:0%")]
    [TestCase("piecewise:100%")]
    [TestCase("piecewise:80,60")]
    [TestCase("piecewise:75%,75%")]
    [TestCase("piecewise:1.5")]
    [TestCase("step")]
    [TestCase("Cosine")]
    public void Parse_BadText_NamesThePlace(string text)
    {
        CodatException error = Assert.Throws<CodatException>(() => ScheduleSpec.Parse(text, "--schedule"))!;

        Assert.That(error.Where, Is.EqualTo("--schedule"));
    }

    [TestCase(0, 0.1)]
    [TestCase(749, 0.1)]
    [TestCase(750, 0.01)]
    [TestCase(899, 0.01)]
    [TestCase(900, 0.001)]
    [TestCase(999, 0.001)]
    public void LearningRate_PiecewiseShares_DropsTenfoldExactly(long step, double expected)
    {
        var schedule = ScheduleSpec.Parse("piecewise:75%,90%", "--schedule");

        Assert.That(schedule.LearningRate(step, 1000, 10, 0.1), Is.EqualTo(expected));
    }

    [TestCase(0, 0.1)]
    [TestCase(599, 0.1)]
    [TestCase(600, 0.01)]
    [TestCase(799, 0.01)]
    [TestCase(800, 0.001)]
    public void LearningRate_PiecewiseEpochs_DropsAtTheStartOfTheEpoch(long step, double expected)
    {
        var schedule = ScheduleSpec.Parse("piecewise:60,80", "--schedule");

        Assert.That(schedule.LearningRate(step, 1000, 10, 0.1), Is.EqualTo(expected));
    }

    [TestCase(0, 0.2)]
    [TestCase(250, 0.17071067811865476)]
    [TestCase(500, 0.1)]
    [TestCase(750, 0.029289321881345254)]
    public void LearningRate_Cosine_FollowsHalfACosine(long step, double expected)
        => Assert.That(ScheduleSpec.Cosine.LearningRate(step, 1000, 10, 0.2), Is.EqualTo(expected).Within(Tolerance));

    // Values of torch.optim.lr_scheduler.OneCycleLR(max_lr=0.1, total_steps=1000) with its defaults.
    [TestCase(0, 0.004)]
    [TestCase(100, 0.028145736144868982)]
    [TestCase(299, 0.1)]
    [TestCase(500, 0.08099881015401794)]
    [TestCase(999, 4e-7)]
    public void LearningRate_OneCycle_AgreesWithPyTorch(long step, double expected)
        => Assert.That(ScheduleSpec.OneCycle.LearningRate(step, 1000, 10, 0.1), Is.EqualTo(expected).Within(Tolerance));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public void LearningRate_OneCycleOfFewSteps_StaysInRange(long total)
    {
        for (long step = 0; step < total; step++)
            Assert.That(ScheduleSpec.OneCycle.LearningRate(step, total, 1, 0.1), Is.InRange(0.1 / 250_000, 0.1));
    }

    [TestCase(0, 0.0)]
    [TestCase(250, 0.05)]
    [TestCase(500, 0.1)]
    [TestCase(750, 0.05)]
    public void LearningRate_Cyclic_GoesUpAndBack(long step, double expected)
        => Assert.That(ScheduleSpec.Cyclic.LearningRate(step, 1000, 10, 0.1), Is.EqualTo(expected).Within(Tolerance));

    [Test]
    public void LearningRate_Constant_IsTheRate()
        => Assert.That(ScheduleSpec.Constant.LearningRate(123, 1000, 10, 0.1), Is.EqualTo(0.1));
}
