using BenchmarkDotNet.Running;

namespace Codat.Native.Perf;

internal static class Program
{
    private const string Usage =
        "usage: kernels [part of a layer's name] [seconds] [instruction set] [batch] | bench [BenchmarkDotNet options]";

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["kernels", ..]:
                KernelLab.Run(args.AsSpan(1));
                return 0;
            case ["bench", .. var rest]:
                return Bench(rest);
            default:
                System.Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static int Bench(string[] options)
    {
        // In this process: the harness would otherwise build a project of its own, outside the locked restore.
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. options, "--inProcess"]);
        return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
    }
}
