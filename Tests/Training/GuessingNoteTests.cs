using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>When a run says that its network guesses.</summary>
internal sealed class GuessingNoteTests
{
    private static readonly string[] s_names = ["coat", "bag", "boot"];

    [Test]
    public void After_OneClassFromTheSecondEpochOn_SaysSoOnce()
    {
        var note = new GuessingNote(s_names, 0.2);

        Assert.That(note.After(1, Accuracies(0, 1, 0)), Is.Null);
        Assert.That(note.After(2, Accuracies(0, 1, 0)), Does.Contain("after 2 epochs").And.Contain("(bag)")
            .And.Contain("lower --lr (now 0.2)"));
        Assert.That(note.After(3, Accuracies(0, 1, 0)), Is.Null);
    }

    [TestCase(0.1, 1, 0, TestName = "another class is seen at times")]
    [TestCase(1, 1, 0, TestName = "two classes are right")]
    [TestCase(0, 0.9, 0, TestName = "images of the class are missed")]
    [TestCase(0, 0, 0, TestName = "all are wrong")]
    [TestCase(double.NaN, 1, double.NaN, TestName = "one class has images")]
    public void After_SomethingElse_IsSilent(double first, double second, double third)
        => Assert.That(new GuessingNote(s_names, 0.2).After(5, Accuracies(first, second, third)), Is.Null);

    [Test]
    public void After_AClassWithoutImages_StillTells()
        => Assert.That(new GuessingNote(s_names, 0.2).After(2, Accuracies(double.NaN, 1, 0)), Is.Not.Null);

    [Test]
    public void After_NoValidation_IsSilent()
        => Assert.That(new GuessingNote(s_names, 0.2).After(2, null), Is.Null);

    // At this rate the first steps leave nothing of the network but the biases of its last layer.
    [Test]
    public void Run_NetworkThatGuesses_IsSaidAndWrittenDown()
    {
        using var folder = new TempFolder();
        var notes = new List<string>();
        string path = folder.File("run");

        Trainer.Run(TinyRun.Options(path, "objective=at", "lr=0.5", "schedule=constant"),
            new Events { OnNote = notes.Add });

        Assert.That(notes, Has.Exactly(1).Contains("every validation image is put into one class"));
        Assert.That(File.ReadAllText(Path.Combine(path, "manifest.json")), Does.Contain("is put into one class"));
    }

    private static AccuracySummary Accuracies(params double[] classes) => new(0.3, 0, classes);
}
