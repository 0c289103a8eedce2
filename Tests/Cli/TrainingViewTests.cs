using Codat.Native.Cli;
using NUnit.Framework;
using Spectre.Console;

namespace Codat.Native.Tests;

internal sealed class TrainingViewTests
{
    private static IAnsiConsole Terminal(TextWriter writer, int width, int height)
    {
        IAnsiConsole console = TerminalConsole.Create(writer);
        console.Profile.Width = width;
        console.Profile.Height = height;
        return console;
    }

    private static string Play(FakeTraining training, int width = 120, int height = 40)
    {
        using var writer = new StringWriter();
        training.Play(new TerminalTrainingView(Terminal(writer, width, height), TimeProvider.System,
            CancellationToken.None));
        return writer.ToString();
    }

    [Test]
    public void Terminal_WholeRun_ShowsProgressEpochsAndClasses()
    {
        string screen = Play(new FakeTraining(10, 3, 5));

        Assert.Multiple(() =>
        {
            Assert.That(screen, Does.Contain("fashion-mnist-mini"));
            Assert.That(screen, Does.Contain("[trouser]"));
            Assert.That(screen, Does.Contain("class 9"));
            Assert.That(screen, Does.Contain("epoch 3/3"));
            Assert.That(screen, Does.Contain("weight 0.100"));
            Assert.That(screen, Does.EndWith("\u001b[?25h"));
        });
    }

    [TestCase(10, 60, 16)]
    [TestCase(100, 80, 24)]
    [TestCase(100, 200, 60)]
    [TestCase(2, 40, 5)]
    public void Terminal_AnySize_KeepsEveryLineInside(int classes, int width, int height)
    {
        string screen = Play(new FakeTraining(classes, 3, 5), width, height);

        string last = screen[screen.LastIndexOf("codat", StringComparison.Ordinal)..];
        string plain = System.Text.RegularExpressions.Regex.Replace(last, "\u001b\\[[0-9;?]*[A-Za-z]", "");
        string[] lines = plain.Split('\n');
        Assert.That(lines.Max(line => line.TrimEnd().Length), Is.LessThanOrEqualTo(width));
        Assert.That(lines, Has.Length.LessThanOrEqualTo(Math.Max(height, 16)));
    }

    [Test]
    public void Terminal_WorkThrows_ShowsTheCursorAgain()
    {
        using var writer = new StringWriter();
        var view = new TerminalTrainingView(Terminal(writer, 80, 24), TimeProvider.System, CancellationToken.None);

        Assert.Throws<InvalidOperationException>(() => view.Run<int>(() => throw new InvalidOperationException()));

        Assert.That(writer.ToString(), Does.EndWith("\u001b[?25h"));
    }

    [Test]
    public void Terminal_Cancelled_SaysSo()
    {
        using var writer = new StringWriter();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        new FakeTraining(2, 1, 1).Play(new TerminalTrainingView(Terminal(writer, 200, 24), TimeProvider.System,
            cancelled.Token));

        Assert.That(writer.ToString(), Does.Contain("stopping after this step"));
    }

    [Test]
    public void Plain_WholeRun_IsALinePerEventWithoutCodes()
    {
        using var writer = new StringWriter();

        new FakeTraining(10, 3, 5).Play(new PlainTrainingView(writer, TimeProvider.System));

        string[] lines = writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Length.EqualTo(1 + 1 + 3));
            Assert.That(lines[0], Is.EqualTo(
                "fashion-mnist-mini, small-cnn, codat on cpu, 2 threads -> runs/20310203-040506-fake"));
            Assert.That(lines[2], Does.StartWith(
                "epoch 1/3  loss 2.3  clean 78.0 worst 60.0  robust 28.5 worst 15.0  1,234 images/s  left "));
            Assert.That(lines[2], Does.EndWith("  best"));
            Assert.That(lines[3], Does.Not.EndWith("  best"));
            Assert.That(writer.ToString(), Does.Not.Contain("\u001b"));
        });
    }

    [TestCase(0, "0s")]
    [TestCase(59.6, "1m00s")]
    [TestCase(61, "1m01s")]
    [TestCase(7260, "2h01m")]
    [TestCase(-1, "-")]
    public void TimeLeft_Print_IsShort(double seconds, string expected)
        => Assert.That(TimeLeft.Print(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    [Test]
    [Explicit("Draws on the terminal this is run in: a look at the live table.")]
    public void Terminal_FakeFeed_DrawsOnTheRealTerminal()
    {
        using var terminal = new StreamWriter("/dev/tty") { AutoFlush = true };
        using var pause = new ManualResetEventSlim();
        IAnsiConsole console = TerminalConsole.Create(terminal);
        int classes = int.Parse(Environment.GetEnvironmentVariable("CODAT_FAKE_CLASSES") ?? "10",
            System.Globalization.CultureInfo.InvariantCulture);

        new FakeTraining(classes, 12, 40).Play(new TerminalTrainingView(console, TimeProvider.System,
            CancellationToken.None), () => pause.Wait(30));
    }
}
