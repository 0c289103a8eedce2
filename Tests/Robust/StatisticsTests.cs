using System.Text.Json;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <remarks>
/// Reference numbers come from 60-digit decimal arithmetic: the Taylor series of the normal probability between 0
/// and x, bisection
/// for the quantile, and Wilson's formula in its textbook form.
/// </remarks>
internal sealed class StatisticsTests
{
    [TestCase(0.975, 1.959963984540054235524594)]
    [TestCase(0.995, 2.575829303548900760978576)]
    [TestCase(0.9, 1.281551565544600466965103)]
    [TestCase(0.75, 0.674489750196081743202227)]
    [TestCase(0.3, -0.52440051270804078403828)]
    [TestCase(0.0013, -3.01145375849978402231780)]
    [TestCase(0.999, 3.090232306167813541540399)]
    [TestCase(1e-10, -6.36134090240405620469537)]
    [TestCase(1e-30, -11.4640246884436157269822)]
    public void Quantile_KnownProbabilities_MatchHighPrecision(double p, double expected) =>
        Assert.That(NormalDistribution.Quantile(p), Is.EqualTo(expected).Within(1e-13));

    [TestCase(0.1, 4.60172162722971018535e-1)]
    [TestCase(1, 1.58655253931457051415e-1)]
    [TestCase(1.96, 2.49978951482204341366e-2)]
    [TestCase(2.9999, 1.35034128295492397006e-3)]
    [TestCase(3, 1.34989803163009452665e-3)]
    [TestCase(3.0001, 1.34945491326071810617e-3)]
    [TestCase(5, 2.86651571879193911674e-7)]
    [TestCase(8, 6.22096057427178412352e-16)]
    [TestCase(12, 1.77648211207767899770e-33)]
    [TestCase(-1.5, 9.33192798731141933996e-1)]
    public void UpperTail_KnownPoints_MatchHighPrecision(double x, double expected) =>
        Assert.That(NormalDistribution.UpperTail(x) / expected, Is.EqualTo(1).Within(1e-14));

    [Test]
    public void Quantile_ManyProbabilities_InvertsTheTailAndIsSymmetric()
    {
        var random = new Random(51);
        for (var i = 0; i < 5000; i++)
        {
            var p = i % 2 == 0 ? random.NextDouble() : Math.Pow(10, -300 * random.NextDouble());
            if (p > 0.5) p = 1 - p;

            var x = -NormalDistribution.Quantile(p);

            Assert.That(NormalDistribution.UpperTail(x) / p, Is.EqualTo(1).Within(1e-11), $"p = {p}");
            if (p > 1e-3) Assert.That(NormalDistribution.Quantile(1 - p), Is.EqualTo(x).Within(1e-12));
        }
    }

    [Test]
    public void Quantile_Edges_AreDefined()
    {
        Assert.That(NormalDistribution.Quantile(0.5), Is.EqualTo(0).Within(1e-15));
        Assert.That(NormalDistribution.Quantile(0), Is.EqualTo(double.NegativeInfinity));
        Assert.That(NormalDistribution.Quantile(1), Is.EqualTo(double.PositiveInfinity));
        Assert.That(NormalDistribution.Quantile(-0.1), Is.NaN);
        Assert.That(NormalDistribution.Quantile(double.NaN), Is.NaN);
        Assert.That(NormalDistribution.UpperTail(double.NaN), Is.NaN);
        Assert.That(NormalDistribution.UpperTail(double.PositiveInfinity), Is.Zero);
        Assert.That(NormalDistribution.Quantile(double.Epsilon), Is.InRange(-38.5, -38.4));
    }

    [TestCase(0, 10, 0.95, 0, 2.77532799862889252715e-1)]
    [TestCase(10, 10, 0.95, 7.22467200137110747285e-1, 1)]
    [TestCase(1, 10, 0.95, 1.78762130950729039861e-2, 4.04150026795238498186e-1)]
    [TestCase(5, 10, 0.95, 2.36593090512563977695e-1, 7.63406909487436022305e-1)]
    [TestCase(813, 1000, 0.95, 7.87652264237105571792e-1, 8.35952184950936920502e-1)]
    [TestCase(1, 1000000, 0.95, 1.76524576745371465744e-7, 5.66491180431144295834e-6)]
    [TestCase(999999, 1000000, 0.95, 9.99994335088195688557e-1, 9.99999823475423254629e-1)]
    [TestCase(1, 1, 0.95, 2.06549314377237387968e-1, 1)]
    [TestCase(37, 100, 0.99, 2.57386290078033358769e-1, 4.98791088728080617919e-1)]
    [TestCase(37, 100, 0.5, 3.38092572108324547630e-1, 4.03084905815835146816e-1)]
    public void Wilson_KnownCounts_MatchHighPrecision(int correct, int n, double level, double low, double high)
    {
        var interval = WilsonInterval.Of(correct, n, level);

        Assert.That(interval.Low, Is.EqualTo(low).Within(1e-13 * low));
        Assert.That(interval.High, Is.EqualTo(high).Within(1e-15));
    }

    [Test]
    public void Wilson_EdgesAndBadInput_AreDefined()
    {
        Assert.That(WilsonInterval.Of(0, 0).Low, Is.NaN);
        Assert.That(WilsonInterval.Of(0, 5).Low, Is.Zero);
        Assert.That(WilsonInterval.Of(5, 5).High, Is.EqualTo(1));
        Assert.That(() => WilsonInterval.Of(6, 5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => WilsonInterval.Of(-1, 5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => WilsonInterval.Of(1, 5, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => WilsonInterval.Of(1, 5, double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Summary_ByHand_MatchesEveryField()
    {
        // Accuracies 0.5, -, 0.25, 1, 0.25 over 4, 0, 8, 2, 4 images.
        var result = ClassAccuracy.Of(["a", "b", "c", "d", "e"], [4, 0, 8, 2, 4], [2, 0, 2, 2, 1], [1, 2, 3, 4, 5]);

        Assert.That(result.Average, Is.EqualTo(7.0 / 18));
        Assert.That(result.Macro, Is.EqualTo(0.5));
        Assert.That(result.Worst, Is.EqualTo(0.25));
        Assert.That(result.WorstClass, Is.EqualTo(2), "the lowest index among equals");
        Assert.That(result.Std, Is.EqualTo(Math.Sqrt((0 + 0.0625 + 0.25 + 0.0625) / 4)).Within(1e-16));
        Assert.That(result.Spread, Is.EqualTo(0.75));
        Assert.That(result.PerClass[1].Accuracy, Is.NaN);
        Assert.That(result.PerClass[1].Risk, Is.NaN, "there is no mean over no images");
        Assert.That(result.PerClass[4], Is.EqualTo(new ClassResult(4, "e", 4, 1, 0.25,
            WilsonInterval.Of(1, 4).Low, WilsonInterval.Of(1, 4).High, 5)));
    }

    [Test]
    public void Summary_NoImages_HasNoWorstClass()
    {
        var result = ClassAccuracy.Of(["a"], [0], [0]);

        Assert.That(result.WorstClass, Is.Null);
        Assert.That(result.Average, Is.NaN);
    }

    [Test]
    public void ToJson_Evaluation_IsExactlyTheContract()
    {
        var attack = new AttackResult("pgd-20", 2 / 255.0, 1,
            ClassAccuracy.Of(["T-shirt/top", "é"], [4, 0], [4, 0], [0.1, 0]))
            { Baseline = new AgainstBaseline(-0.5, double.NaN) };
        var clean = new AttackResult("clean", null, null, ClassAccuracy.Of(["x", "y"], [0, 0], [0, 0]))
            { Flow = [1, 2, 3, 4] };
        var result = new EvalResult
        {
            Checkpoint = "runs/x/best.safetensors", Dataset = "fashion-mnist-mini", Split = "test", N = 4,
            ImagesHash = "0a1b", Evidence = "rows.csv",
            Norm = "linf", Eps = 0.1, EpsText = "0.1", Seed = 3, Attacks = [attack, clean], Seconds = 1.25,
        };

        var text = EvalReport.ToJson(result);

        var low = JsonSerializer.Serialize(WilsonInterval.Of(4, 4).Low);
        var worstLow = JsonSerializer.Serialize(attack.Accuracy.WorstBound.Low);
        var expected = "{'checkpoint':'runs/x/best.safetensors','dataset':'fashion-mnist-mini','split':'test','n':4,"
            + "'imagesHash':'0a1b','evidence':'rows.csv','norm':'linf','eps':0.1,'epsText':'0.1','seed':3,'attacks':["
            + "{'name':'pgd-20','step':0.00784313725490196,'restarts':1,'average':1,'macro':1,'worst':1,'worstClass':0,"
            + $"'std':0,'spread':0,'worstLow':{worstLow},'worstHigh':1,'rho':-0.5,'elasticity':null,'perClass':["
            + $"{{'class':0,'name':'T-shirt/top','n':4,'correct':4,'accuracy':1,'low':{low},'high':1,'risk':0.1}},"
            + "{'class':1,'name':'é','n':0,'correct':0,'accuracy':null,'low':null,'high':null,'risk':null}]},"
            + "{'name':'clean','step':null,'restarts':null,'average':null,'macro':null,'worst':null,'worstClass':null,"
            + "'std':null,'spread':null,'worstLow':null,'worstHigh':null,'rho':null,'elasticity':null,'perClass':["
            + "{'class':0,'name':'x','n':0,'correct':0,'accuracy':null,'low':null,'high':null,'risk':null},"
            + "{'class':1,'name':'y','n':0,'correct':0,'accuracy':null,'low':null,'high':null,'risk':null}],"
            + "'flow':[[1,2],[3,4]]}],'seconds':1.25}";
        Assert.That(text, Is.EqualTo(expected.Replace('\'', '"')));
    }

    [Test]
    public void ToJson_FlowOfTheWrongSize_Throws()
    {
        var attack = new AttackResult("clean", null, null, ClassAccuracy.Of(["x", "y"], [1, 1], [1, 0]))
            { Flow = [1, 0, 1] };
        var result = new EvalResult
        {
            Checkpoint = "", Dataset = "", Split = "", N = 2, Norm = "", Eps = 0, EpsText = "", Seed = 0,
            Attacks = [attack], Seconds = 0,
        };

        Assert.That(() => EvalReport.ToJson(result), Throws.ArgumentException);
    }
}
