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
    public void TrainText_Result_NamesTheRunFolder()
    {
        using var writer = new StringWriter();

        TrainText.Write(new FakeTraining(2, 3, 1).Result, writer);

        Assert.That(writer.ToString(), Does.Contain("codat: done after 3 epochs, 1,234 images/s")
            .And.Contain("run folder: runs/20310203-040506-fake"));
    }
}
