using System.Text.Json.Nodes;
using Codat.Native.Cli;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ResultTextTests
{
    [Test]
    public void EvalText_Evaluation_ShowsAttacksAndClasses()
    {
        using var writer = new StringWriter();

        EvalText.Write(new FakeTraining(2, 1, 1).EvaluationOf("test"), writer);

        Assert.That(writer.ToString().ReplaceLineEndings("\n"), Is.EqualTo(
            """

            fashion-mnist-mini test, 200 images, linf 0.1
              attack  average %  macro %  worst % (95 %)  worst class  spread %
              pgd-20       54.5     54.5            50.0      class 0       9.0

              class        n   pgd-20 % (95 %)
              class 0    100  50.0 (40.0-60.0)
              [trouser]  100  51.0 (40.0-60.0)

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void EvalText_ManyClasses_ShowsTheWeakest()
    {
        using var writer = new StringWriter();

        EvalText.Write(new FakeTraining(100, 1, 1).EvaluationOf("test"), writer);

        Assert.That(writer.ToString(), Does.Contain("the 20 weakest of 100 classes"));
        Assert.That(writer.ToString(), Does.Contain("class 19").And.Not.Contain("class 20"));
    }

    [Test]
    public void EvalText_ChecksThatPass_AreOneLine()
    {
        var text = Checked(("zero-gradients", "pass", "none"), ("huge-logits", "pass", "small"));

        Assert.That(text, Does.EndWith("\n  sound: 2 checks raise no alarm\n"));
    }

    [Test]
    public void EvalText_Alarms_AreALineEach()
    {
        var text = Checked(("zero-gradients", "fail", "all of them"), ("huge-logits", "pass", "small"), ("loss-rise", "warn", "it falls"));

        Assert.That(text, Does.EndWith("\n  suspicious (fail), zero-gradients: all of them\n  suspicious (warn), loss-rise: it falls\n"));
    }

    private static string Checked(params (string Name, string Verdict, string Detail)[] checks)
    {
        var evaluation = new FakeTraining(2, 1, 1).EvaluationOf("test");
        evaluation["verdict"] = checks.All(c => c.Verdict == "pass") ? "sound" : "suspicious";
        evaluation["checks"] = new JsonArray([.. checks.Select(c => new JsonObject { ["name"] = c.Name, ["verdict"] = c.Verdict, ["detail"] = c.Detail })]);
        using var writer = new StringWriter();
        EvalText.Write(evaluation, writer);
        return writer.ToString().ReplaceLineEndings("\n");
    }

    [Test]
    public void TrainText_Result_NamesTheRunFolder()
    {
        using var writer = new StringWriter();

        TrainText.Write(new FakeTraining(2, 3, 1).Result, writer);

        Assert.That(writer.ToString(), Does.Contain("codat: done after 3 epochs, 1,234 images/s")
            .And.Contain("run folder: runs/20310203-040506-fake"));
    }
}
