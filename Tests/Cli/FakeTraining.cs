using System.Text.Json.Nodes;
using Codat.Native.Cli;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>A training run that never was, for looking at views.</summary>
internal sealed class FakeTraining(int classes, int epochs, int stepsPerEpoch)
{
    internal string[] ClassNames { get; } =
        [.. Enumerable.Range(0, classes).Select(k => k == 1 ? "[trouser]" : $"class {k}")];

    internal TrainingStart Start => new()
    {
        Run = "runs/20310203-040506-fake",
        Dataset = "fashion-mnist-mini",
        Model = "small-cnn",
        Objective = "codat",
        Device = "cpu, 2 threads",
        ClassNames = ClassNames,
        Epochs = epochs,
        StepsPerEpoch = stepsPerEpoch,
        TotalSteps = (long)epochs * stepsPerEpoch,
    };

    internal TrainResult Result => new()
    {
        Run = Start.Run, Epochs = epochs, Objective = "codat", Stopped = "done", Best = new BestEpoch(epochs, 0.5),
        Validation = null, Test = EvaluationOf("test"), ImagesPerSecond = 1234, PeakBytes = 1,
    };

    /// <summary>Plays the run into a view; <paramref name="wait"/> is called after every step.</summary>
    internal TrainResult Play(ITrainingView view, Action? wait = null) => view.Run(() =>
    {
        view.Start(Start);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            for (int step = 1; step <= stepsPerEpoch; step++)
            {
                long done = ((long)(epoch - 1) * stepsPerEpoch) + step;
                view.Step(new TrainingStep(epoch, done, 2.0 / done, 0.1));
                wait?.Invoke();
            }
            for (int i = 0; i <= 4; i++)
            {
                view.Progress("validation pgd-10", i * 25, 100);
                wait?.Invoke();
            }
            view.Epoch(Metrics(epoch), isBest: epoch != 2);
        }
        view.Finish(Result);
        return Result;
    });

    internal EpochMetrics Metrics(int epoch)
    {
        double[] clean = [.. Enumerable.Range(0, classes).Select(k => 0.6 + (0.4 * k / classes))];
        double[] robust = [.. Enumerable.Range(0, classes).Select(k => 0.1 + (0.05 * epoch) + (0.3 * k / classes))];
        return new EpochMetrics
        {
            Epoch = epoch, Step = (long)epoch * stepsPerEpoch, Lr = 0.1 / epoch, Loss = 2.3 / epoch,
            Clean = new AccuracySummary(clean.Average(), clean.Min(), clean),
            Robust = new AccuracySummary(robust.Average(), robust.Min(), robust),
            Risk = [.. robust.Select(r => new MeanDeviation(1 - r, 0.1))],
            Weight = [.. robust.Select(_ => new MeanDeviation(1.0 / classes, 0.01))],
            Variance = 0.01, EtaEff = 0.3, NegativeShare = 0, ObjectiveGap = 0,
            Seconds = new PhaseSeconds(0.1, 80, 15, 4), ImagesPerSecond = 1234, PeakBytes = 1,
        };
    }

    internal JsonObject EvaluationOf(string split)
    {
        var perClass = new JsonArray();
        for (int k = 0; k < classes; k++)
        {
            perClass.Add(new JsonObject
            {
                ["class"] = k, ["name"] = ClassNames[k], ["n"] = 100, ["correct"] = 50 + k,
                ["accuracy"] = 0.5 + (k / 100.0), ["low"] = 0.4, ["high"] = 0.6, ["risk"] = 1.0,
            });
        }
        return new JsonObject
        {
            ["checkpoint"] = "best.safetensors", ["dataset"] = "fashion-mnist-mini", ["split"] = split,
            ["n"] = 100 * classes, ["norm"] = "linf", ["eps"] = 0.1, ["epsText"] = "0.1", ["seed"] = 0,
            ["attacks"] = new JsonArray(new JsonObject
            {
                ["name"] = "pgd-20", ["step"] = 0.02, ["restarts"] = 1, ["average"] = 0.545, ["macro"] = 0.545,
                ["worst"] = 0.5, ["worstClass"] = 0, ["std"] = 0.1, ["spread"] = 0.09, ["perClass"] = perClass,
            }),
            ["seconds"] = 1.5,
        };
    }
}
