using System.ComponentModel;
using System.Diagnostics;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A Python that has PyTorch, where the machine has one.</summary>
internal static class PythonTorch
{
    private static readonly Lazy<string?> s_program = new(Find);

    /// <summary>Runs a script; skips the test where there is no Python with PyTorch.</summary>
    public static (int Code, string Output) Run(params string[] arguments)
    {
        if (s_program.Value is null) Assert.Ignore("There is no Python with PyTorch on this machine.");
        return Start(s_program.Value!, arguments) ?? throw new InvalidOperationException("Python has gone");
    }

    private static string? Find() => new[] { "python3", "/usr/bin/python3", "python" }
        .FirstOrDefault(program => Start(program, "-c", "import torch") is { Code: 0 });

    private static (int Code, string Output)? Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["OMP_NUM_THREADS"] = "1";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
