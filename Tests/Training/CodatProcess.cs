using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Codat.Native.Tests;

/// <summary>The command in a process of its own, which a test may interrupt or kill.</summary>
internal sealed partial class CodatProcess : IDisposable
{
    private const int Interrupt = 2;

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private CodatProcess(string program, IEnumerable<string> arguments, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        _process = Process.Start(start)!; // an executable that exists starts
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    // A run started in the background of a shell ignores Ctrl-C, and hands that down: here it is to be heard.
    public static CodatProcess Start(params string[] arguments) => OperatingSystem.IsLinux()
        ? new("env", ["--default-signal=INT", "dotnet", Command, .. arguments])
        : new("dotnet", [Command, .. arguments]);

    /// <summary>With variables of the environment.</summary>
    public static CodatProcess StartWith((string Name, string Value)[] variables, params string[] arguments) =>
        new("dotnet", [Command, .. arguments], variables);

    /// <summary>Through a shell that sets limits first; <paramref name="prelude"/> is shell text.</summary>
    public static CodatProcess StartAfter(string prelude, params string[] arguments) =>
        new("/bin/sh", ["-c", prelude + "; exec dotnet \"$@\"", "sh", Command, .. arguments]);

    private static string Command => Path.Combine(AppContext.BaseDirectory, "codat.dll");

    public bool HasExited => _process.HasExited;

    /// <summary>Standard output so far read; complete after <see cref="Wait"/>.</summary>
    public string Output => _output.Result;

    public string Error => _error.Result;

    /// <summary>Waits for the end and returns the exit code.</summary>
    public int Wait()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Waits until a file is there, or the process has ended.</summary>
    public void WaitFor(Func<bool> condition)
    {
        while (!condition() && !_process.WaitForExit(2))
        {
        }
    }

    /// <summary>Waits for some milliseconds, or for the end.</summary>
    public void WaitFor(int milliseconds) => _process.WaitForExit(milliseconds);

    /// <summary>kill -9; returns false if it had ended before.</summary>
    public bool Kill()
    {
        if (_process.HasExited) return false;
        _process.Kill();
        _process.WaitForExit();
        return true;
    }

    /// <summary>What Ctrl-C sends.</summary>
    public void SendInterrupt()
    {
        if (SendSignal(_process.Id, Interrupt) != 0) throw new InvalidOperationException("the process is gone");
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
