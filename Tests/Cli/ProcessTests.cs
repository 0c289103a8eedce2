using System.Diagnostics;
using System.Text.Json;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The command as a process of its own, as scripts see it.</summary>
internal sealed class ProcessTests
{
    private static (int Code, string Output, string Error) Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "codat.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A terminal type in the environment must not bring codes into a pipe.
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["LANG"] = "de_DE.UTF-8";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    [Test]
    public void Info_AsJson_IsOneLineWithoutByteOrderMarkOrCodes()
    {
        (int code, string output, string error) = Start("info", "--json");

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero);
            Assert.That(output[0], Is.EqualTo('{'));
            Assert.That(output, Does.Not.Contain("\u001b"));
            Assert.That(JsonDocument.Parse(output).RootElement.GetProperty("devices")[0].GetString(),
                Is.EqualTo("cpu"));
            Assert.That(error, Is.Empty);
        });
    }

    [Test]
    public void BadUsage_InAPipe_IsOneLineAndExitCode2()
    {
        (int code, string output, string error) = Start("train", "--eta", "-1");

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(2));
            Assert.That(output, Is.Empty);
            Assert.That(error.TrimEnd(), Is.EqualTo(
                "error: this value is not allowed (--eta); expected a number of at least 0, auto (auto:noise), "
                + "auto:effective, auto:noise or auto:validation, found '-1'"));
        });
    }

    [Test]
    public void Help_InAPipe_HasNoCodes()
    {
        (int code, string output, _) = Start("train", "--help");

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("--class-weights").And.Not.Contain("\u001b"));
    }
}
