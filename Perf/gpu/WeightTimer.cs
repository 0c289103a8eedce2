using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Robust;

namespace Codat.Native.Perf;

/// <summary>The price of the method itself: class risks, then class weights, as a step has them.</summary>
internal static class WeightTimer
{
    private const int Repeats = 100;

    /// <summary>Writes a line per solver.</summary>
    public static void Run(int batch, int classes, TextWriter output)
    {
        using var device = Device.Cuda();
        foreach (var solver in Enum.GetValues<WeightSolver>())
        {
            using var program = new PlanProgram(device);
            using var record = new StepRecord(device, classes);
            using var loss = device.Allocate(DType.Float32, new Shape(batch), "loss");
            using var labels = device.Allocate(DType.Int32, new Shape(batch), "labels");
            using var prior = device.Allocate(DType.Float64, new Shape(classes), "prior");
            using var radius = device.Allocate(DType.Float64, new Shape(1), "radius");
            Fill(loss, labels, prior, radius, batch, classes);
            program.Add("weights", Graph(solver, record, loss, labels, prior, radius, classes));
            program.Compile();
            var (min, median, max) = GpuTimer.Microseconds(device, Repeats, program["weights"].Run);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"class risks + weights, {solver}, batch {batch}, {classes} classes: {median:F2} us (min {min:F2}, max {max:F2})"));
        }
    }

    private static GraphBuilder Graph(WeightSolver solver, StepRecord record, Tensor loss, Tensor labels, Tensor prior,
        Tensor radius, int classes)
    {
        var graph = new GraphBuilder();
        var spec = new ClassWeightSpec { Kind = ClassWeightKind.Codat, Solver = solver };
        var risks = graph.Apply(new ClassRiskOp(classes), graph.Bind(loss), graph.Bind(labels));
        graph.Apply(new ClassWeightOp(spec), risks, graph.Bind(prior), graph.Bind(radius), graph.Bind(record.Table),
            graph.Bind(record.Numbers), graph.Bind(record.Status), graph.Bind(record.Averages));
        return graph;
    }

    private static void Fill(Tensor loss, Tensor labels, Tensor prior, Tensor radius, int batch, int classes)
    {
        var random = new Random(1);
        var losses = new float[batch];
        var numbers = new int[batch];
        for (var i = 0; i < batch; i++) (losses[i], numbers[i]) = (3 * random.NextSingle(), random.Next(classes));
        var uniform = new double[classes];
        Array.Fill(uniform, 1.0 / classes);
        loss.CopyFrom<float>(losses);
        labels.CopyFrom<int>(numbers);
        prior.CopyFrom<double>(uniform);
        radius.CopyFrom<double>([0.3]);
    }
}
