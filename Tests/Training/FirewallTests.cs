using System.Reflection;
using Codat.Native.Data;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Nothing that trains or selects can get at the test images.</summary>
internal sealed class FirewallTests
{
    [Test]
    public void ChosenWeights_OfARunThatGoesOn_CannotBeHad()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        Trainer.Run(TinyRun.Options(path, "test=none", "max-steps=2"));
        using var run = RunFolder.Open(path);
        var state = new TrainingState { ConfigHash = "" };

        Assert.That(() => ChosenWeights.Of(run, state), Throws.InvalidOperationException.With.Message.Contains("has not ended"));
        Assert.That(ChosenWeights.Of(run, state with { Stopped = "done" }).Path, Is.EqualTo(run.BestPath));

        File.Delete(run.BestPath);
        Assert.That(() => ChosenWeights.Of(run, state with { Stopped = "done" }), Throws.InvalidOperationException);
    }

    [Test]
    public void TestSplit_NeedsChosenWeights_AndOnlyARunThatEndedMakesThem()
    {
        Assert.That(typeof(ChosenWeights).GetConstructors(BindingFlags.Public | BindingFlags.Instance), Is.Empty);
        Assert.That(typeof(TestSplit).GetMethod(nameof(TestSplit.Read))!.GetParameters().Select(p => p.ParameterType),
            Does.Contain(typeof(ChosenWeights)));
        Assert.Throws<ArgumentNullException>(() => TestSplit.Read(TinyRun.Options("unused"), null!));
    }

    [Test]
    public void Sources_OfTheTrainer_NameTheTestSplitAtItsDoorAndItsPresenceChecksOnly()
    {
        var folder = Path.Combine(Checkout.Root, "Codat", "Robust");

        var naming = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .SelectMany(file => File.ReadLines(file).Where(line => line.Contains(nameof(DatasetSplit) + "." + nameof(DatasetSplit.Test)))
                .Select(line => Path.GetFileName(file) + ": " + line.Trim()))
            .Order(StringComparer.Ordinal).ToArray();

        Assert.That(naming, Has.Length.EqualTo(4), string.Join('\n', naming));
        // The size of the files is looked at before training and before a comparison, their content is not.
        Assert.That(naming[..2], Is.All.StartWith("PlanResolver.cs"));
        Assert.That(File.ReadAllText(Path.Combine(folder, "Comparing", "Plans", "PlanResolver.cs")),
            Does.Contain("DatasetCatalog.CheckFiles").And.Not.Contain("DatasetCatalog.Load"));
        Assert.That(naming[2], Does.StartWith("TestSplit.cs"));
        Assert.That(naming[3], Does.StartWith("TrainingData.cs").And.Contain("CheckFiles"));
    }
}
