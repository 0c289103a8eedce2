using System.Globalization;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Perf;

/// <summary>
/// Times the convolution kernels of the reference networks on one thread. Figures are GFLOP/s of the direct algorithm
/// (two per multiply-add), so Winograd can exceed the peak, which is measured beside each layer.
/// </summary>
internal static class KernelLab
{
    /// <summary>
    /// Arguments: a part of the layers' names, seconds per figure, an instruction set, a batch size; all optional.
    /// </summary>
    public static void Run(ReadOnlySpan<string> args)
    {
        string filter = args.Length > 0 ? args[0] : "";
        double seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 0.3;
        CpuIsa isa = CpuIsaInfo.Choose(args.Length > 2 ? args[2] : null);
        int batch = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 0;
        using CpuWorkers workers = new(1);
        Write($"{isa}, one thread, float; GFLOP/s of the direct algorithm, best of {seconds} s");
        Write($"{"layer",-20}{"peak",8}{"forward",9}{"input",9}{"weight",9}   {"of peak",-17} ms to prepare weights");
        foreach ((string name, int usualBatch, ConvShape shape) in ReferenceLayers.All)
        {
            if (!name.Contains(filter, StringComparison.Ordinal))
            {
                continue;
            }

            int n = batch > 0 ? batch : usualBatch;
            double flops = 2.0 * n * shape.OutHeight * shape.OutWidth * shape.WeightElements;
            double peak = Peak.Gflops(isa, seconds / 4);
            double forward = flops / LayerTimer.Pass(shape, ConvDirection.Forward, isa, n, workers, seconds) / 1e9;
            double input = flops / LayerTimer.Pass(shape, ConvDirection.InputGradient, isa, n, workers, seconds) / 1e9;
            double weight = flops / LayerTimer.WeightGradient(shape, isa, n, workers, seconds) / 1e9;
            string packs = string.Create(
                CultureInfo.InvariantCulture,
                $"{LayerTimer.Pack(shape, ConvDirection.Forward, isa, workers) * 1e3,6:F2}"
                + $"{LayerTimer.Pack(shape, ConvDirection.InputGradient, isa, workers) * 1e3,6:F2}");
            peak = Math.Max(peak, Peak.Gflops(isa, seconds / 4));
            string shares = Shares(forward, input, weight, peak);
            Write($"{name,-20}{peak,8:F1}{forward,9:F1}{input,9:F1}{weight,9:F1}   {shares}   {packs}");
        }
    }

    private static void Write(FormattableString line) =>
        System.Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static string Shares(double forward, double input, double weight, double peak) => string.Create(
        CultureInfo.InvariantCulture, $"{forward / peak,5:F2}{input / peak,6:F2}{weight / peak,6:F2}");
}
