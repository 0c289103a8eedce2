using System.Diagnostics;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>After the first steps a training run allocates nothing: no managed byte, no block of the device.</summary>
internal sealed class FlatMemoryTests
{
    [TestCase("small-cnn", 8)]
    [TestCase("medium-cnn", 8)]
    [TestCase("wrn-10-1", 4)]
    public void Profile_TwentySteps_ManagedBytesAreZero(string model, int batch)
    {
        using var process = CodatProcess.Start("profile", "--model", model, "--batch", $"{batch}", "--steps", "2", "--rounds", "20",
            "--threads", "2", "--json");

        Assert.That(process.Wait(), Is.Zero, process.Error);
        Assert.That(JsonNode.Parse(process.Output)!["managedBytesPerStep"]!.GetValue<long>(), Is.Zero);
    }

    [TestCase("model=small-cnn", "batch=16", "steps=1", "train-limit=160")]
    [TestCase("model=medium-cnn", "batch=16", "steps=1", "train-limit=160")]
    [TestCase("model=wrn-10-1", "batch=4", "steps=1", "train-limit=40", "ema=0.9", "risk=ema:0.9")]
    [TestCase("model=mlp", "augment=crop4+flip", "objective=trades")]
    [TestCase("model=mlp", "objective=cfol", "set=rate=0.05", "augment=crop4")]
    public void Session_OverTwoEpochs_AllocatesNothing(params string[] settings) => Check(MemoryMeter.Session, settings);

    [TestCase("model=mlp", "train-limit=1600")]
    [TestCase("model=small-cnn", "batch=16", "steps=1", "train-limit=800", "augment=crop4")]
    [TestCase("model=mlp", "train-limit=1600", "objective=cfol", "set=rate=0.05")]
    public void Trainer_FromStepToStep_AllocatesNothing(params string[] settings) => Check(MemoryMeter.Loop, settings);

    /// <summary>Measures in a process of its own; expects that nothing was allocated.</summary>
    internal static void Check(string what, string[] settings)
    {
        using var folder = new TempFolder();
        var start = new ProcessStartInfo("dotnet", [typeof(MemoryMeter).Assembly.Location]) { RedirectStandardOutput = true };
        // With tiers the runtime's compiler works beside us, and what it allocates counts too.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment[MemoryMeter.Variable] = string.Join('|', [what, folder.File("run"), .. settings]);
        using var process = Process.Start(start)!; // an executable that exists starts

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.That(process.ExitCode, Is.Zero, output);
        Assert.That(output.Trim(), Is.EqualTo("0 0"), "managed bytes and device blocks");
    }
}
