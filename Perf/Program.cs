namespace Codat.Native.Perf;

internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length > 0 && args[0] == "kernels")
        {
            KernelLab.Run(args.AsSpan(1));
        }

        return 0;
    }
}
