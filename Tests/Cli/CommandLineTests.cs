using System.Text.Json;
using Codat.Native.Cli;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class CommandLineTests
{
    [TestCase("", "a command is missing")]
    [TestCase("bogus", "unknown command")]
    [TestCase("data", "a command is missing (codat data)")]
    [TestCase("data frobnicate", "unknown command")]
    [TestCase("info extra", "unexpected argument")]
    [TestCase("train --bogus 1", "unknown option (--bogus)")]
    [TestCase("train --epoch 1", "did you mean --epochs?")]
    [TestCase("train --epochs", "--epochs")]
    [TestCase("train --epochs 1 --epochs 2", "--epochs")]
    [TestCase("train --epochs 1.5", "--epochs")]
    [TestCase("train --eps 8 --dataset cifar10", "write 8/255")]
    [TestCase("train --device gpu", "expected auto, cpu, cuda or cuda:N")]
    [TestCase("train --objective wat --val none", "class weights wat come from it")]
    [TestCase("train --objective frl --loss ce", "frl weighs its two terms")]
    [TestCase("train --loss bat --class-weights dafa", "expected a loss that leaves the attack to dafa")]
    [TestCase("train --loss mart --class-weights dafa", "expected a loss whose terms dafa can weigh")]
    [TestCase("train --loss mart --class-weights cfa", "expected a loss whose terms cfa can weigh")]
    [TestCase("train --loss bat --class-weights cfa", "expected a loss that leaves the attack to cfa")]
    [TestCase("train --awp 1", "a share above 0 and below 1")]
    [TestCase("train --awp 0", "a share above 0 and below 1")]
    [TestCase("train --swa 75", "a share of the epochs such as 75%")]
    [TestCase("train --swa 100%", "from 0% to below 100%")]
    [TestCase("train --swa 50% --ema 0.9", "one average: swa or ema")]
    [TestCase("train --set a=1", "none: the method has no numbers of its own")]
    [TestCase("train --objective group-dro --set rat=1", "expected rate, found 'rat'")]
    [TestCase("train --objective group-dro --set rate=-1", "rate from 0 to 1000")]
    [TestCase("train --objective group-dro --set rate", "KEY=NUMBER")]
    [TestCase("train --objective group-dro --set rate=1 --set rate=2", "twice")]
    [TestCase("train --objective cvar --eta 1.5", "a share above 0 and at most 1")]
    [TestCase("train --objective kl-dro --weights published", "--weights")]
    [TestCase("train --objective kl-dro --variance debiased", "--variance")]
    [TestCase("train --help-objective sgd", "--help-objective")]
    [TestCase("train --average-gate 20", "an accuracy from 0 to 1")]
    [TestCase("train --average-gate 0.1 --val none", "a validation split to judge epochs by")]
    [TestCase("train --resume runs/a --seed 1", "--seed")]
    [TestCase("train --resume runs/a --epochs 1", "--epochs")]
    [TestCase("train --resume runs/a --out b", "--out")]
    [TestCase("train --resume runs/a --config c", "--config")]
    [TestCase("train --config no-such-file.json", "no-such-file.json")]
    [TestCase("eval", "--checkpoint")]
    [TestCase("eval --checkpoint a --attack pgd", "--attack")]
    [TestCase("eval --checkpoint a --split dev", "--split")]
    [TestCase("eval --checkpoint a --limit 0", "--limit")]
    [TestCase("eval --checkpoint a --norm linf --eps 8", "write 8/255")]
    [TestCase("eval --checkpoint a --mean 0.5", "--mean")]
    [TestCase("eval --checkpoint a --mean 0.5 --std 0", "--std")]
    [TestCase("eval --checkpoint a --mean 0.5 --std 0.1,0.2", "--mean")]
    [TestCase("eval --checkpoint a --classes 1", "--classes")]
    [TestCase("eval --checkpoint a --until-decided b", "--until-decided")]
    [TestCase("eval --checkpoint a --evidence b --until-decided worst>=0.3", "--evidence")]
    [TestCase("eval --checkpoint a --corrupt fog:1", "noise, blur, contrast, shift or rotation")]
    [TestCase("eval --checkpoint a --corrupt noise:0", "--corrupt")]
    [TestCase("compare", "PLAN")]
    [TestCase("compare sanity --seed 3", "list seeds in the plan")]
    [TestCase("compare sanity --threads 0", "--threads")]
    [TestCase("attack --checkpoint a --input b --out c", "--labels")]
    [TestCase("attack --checkpoint a --input b --labels l --out c --steps 0", "--steps")]
    [TestCase("predict --checkpoint a --input b", "--out")]
    [TestCase("weights --eta 0.3", "--risks")]
    [TestCase("weights --risks 1,2 --file a --eta 0.3", "--risks")]
    [TestCase("weights --risks 1,two --eta 0.3", "--risks")]
    [TestCase("weights --risks 1,2", "--eta")]
    [TestCase("weights --risks 1,2 --eta -1", "--eta")]
    [TestCase("weights --risks 1,2 --eta 0.3 --prior 0.5,0.6", "--prior")]
    [TestCase("weights --risks 1,2 --eta 0.3 --prior 0.2,0.2,0.6", "--prior")]
    [TestCase("weights --risks 1,2 --eta 0.3 --ball tv", "expected chi2, kl, reverse-kl or cvar")]
    [TestCase("weights --risks 1,2 --eta 1.5 --ball cvar", "a share above 0 and at most 1")]
    [TestCase("report", "RUN")]
    [TestCase("report no/such/run", "no/such/run")]
    [TestCase("data fetch", "NAME")]
    [TestCase("data verify mnist", "'mnist'")]
    [TestCase("export --checkpoint a", "--out")]
    [TestCase("import a --model resnet18 --out b", "--classes")]
    [TestCase("import a --model resnet18 --classes 10 --out a", "--out")]
    [TestCase("profile --rounds 0", "--rounds")]
    [TestCase("compare plan.json --out d", "the plan cannot be read (plan.json)")]
    [TestCase("cache", "a command is missing (codat cache)")]
    [TestCase("cache drop", "unknown command")]
    [TestCase("cache build --arch 9.0", "--arch")]
    [TestCase("cache build --arch 80,,90", "--arch")]
    [TestCase("cache list --arch 90", "unknown option (--arch)")]
    [TestCase("info --threads 0", "--threads")]
    [TestCase("info --seed -1", "--seed")]
    public void Run_BadUsage_IsOneLineAndExitCode2(string line, string expected)
    {
        CliRun run = CliRun.Invoke(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(2));
            Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
            Assert.That(run.Error, Does.StartWith("error: ").And.Contain(expected));
            Assert.That(run.Output, Is.Empty);
        });
    }

    [TestCase("train --epochs 0 --json", "--epochs")]
    [TestCase("--json train --bogus", "--bogus")]
    public void Run_BadUsageWithJson_IsAlsoAnObject(string line, string where)
    {
        CliRun run = CliRun.Invoke(line.Split(' '));

        JsonElement error = run.Json.GetProperty("error");
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(2));
            Assert.That(run.Output.TrimEnd('\n'), Does.Not.Contain("\n"));
            Assert.That(error.EnumerateObject().Select(p => p.Name),
                Is.EqualTo(new[] { "what", "where", "expected", "found", "fix" }));
            Assert.That(error.GetProperty("where").GetString(), Is.EqualTo(where));
            Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        });
    }

    [Test]
    public void Run_Verbose_AddsAStackTrace()
    {
        CliRun run = CliRun.Invoke("train", "--epochs", "0", "--verbose");

        Assert.That(run.ErrorLines, Has.Length.GreaterThan(2));
        Assert.That(run.Error, Does.Contain("   at "));
    }

    [Test]
    public void Run_QuietAndVerbose_Contradict()
    {
        CliRun run = CliRun.Invoke("info", "--quiet", "--verbose");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("contradict"));
    }

    [Test]
    public void Run_BadTrainOptions_ChangeNothingOnDisk()
    {
        using var temp = new TempFolder();

        CliRun.Invoke("train", "--out", temp.File("run"), "--eta", "-1");

        Assert.That(Directory.GetFileSystemEntries(temp.Path), Is.Empty);
    }

    [Test]
    public void Run_OutThatIsNotEmpty_IsRefused()
    {
        using var temp = new TempFolder();
        temp.Write("mine.txt", "");

        CliRun run = CliRun.Invoke("train", "--out", temp.Path);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("not empty"));
    }

    [Test]
    public void Run_Info_IsOneObjectOnOneLine()
    {
        CliRun run = CliRun.Invoke("info", "--json", "--threads", "3", "--quiet");

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero);
            Assert.That(run.Error, Is.Empty);
            Assert.That(run.Output.Count(c => c == '\n'), Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("threads").GetInt32(), Is.EqualTo(3));
            Assert.That(run.Json.GetProperty("vectorBits").GetInt32(), Is.AnyOf(128, 256, 512));
            Assert.That(run.Json.GetProperty("devices")[0].GetString(), Is.EqualTo("cpu"));
            Assert.That(run.Json.GetProperty("cuda").GetString(), Is.Not.Empty);
            Assert.That(run.Json.GetProperty("libraries").EnumerateArray().Select(l => l.GetString()),
                Has.Some.Contains("cuDNN").And.Some.Contains("driver"));
        });
    }

    [Test]
    public void Run_HelpOfTrain_NamesEveryOption()
    {
        CliRun run = CliRun.Invoke("train", "--help");

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero);
            foreach (Codat.Native.Robust.TrainSetting setting in Codat.Native.Robust.TrainSettings.All)
                Assert.That(run.Output, Does.Contain("--" + setting.Name));
            Assert.That(run.Output, Does.Contain("--resume").And.Contain("--config").And.Contain("--verbose"));
            Assert.That(run.Output, Does.Contain("[default: 0.3; faal 0.5]"));
        });
    }

    [Test]
    public void Run_HelpOfRoot_ListsTheCommandsOfThisVersion()
    {
        CliRun run = CliRun.Invoke("--help");

        foreach (string name in new[] { "train", "eval", "attack", "predict", "weights", "report", "data", "export",
            "import", "profile", "info", "cache", "compare" })
        {
            Assert.That(run.Output, Does.Contain($"\n  {name} "));
        }
    }

    [TestCase(true, 2)]
    [TestCase(false, 1)]
    public void ErrorWriter_CodatException_ExitsByItsKind(bool isUsage, int expected)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(output, error, false, TimeProvider.System);

        int code = ErrorWriter.Write(new CodatException("it\nbroke", "here", "a", "b", "mend it", isUsage), context,
            json: true, verbose: false);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(expected));
            Assert.That(error.ToString(),
                Is.EqualTo("error: it broke (here); expected a, found b; mend it" + Environment.NewLine));
            Assert.That(JsonDocument.Parse(output.ToString()).RootElement.GetProperty("error").GetProperty("fix")
                .GetString(), Is.EqualTo("mend it"));
        });
    }

    [Test]
    public void ErrorWriter_Cancellation_Exits130()
        => Assert.That(ErrorParts.Of(new OperationCanceledException()).ExitCode, Is.EqualTo(130));

    [Test]
    public void ErrorWriter_UnexpectedError_IsOneLineAndExitCode1()
    {
        ErrorParts parts = ErrorParts.Of(new InvalidOperationException("a\nb"));

        Assert.That((parts.ExitCode, parts.Line), Is.EqualTo((1, "internal error: InvalidOperationException: a b")));
    }
}
