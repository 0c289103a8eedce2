using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;
using Codat.Native.Robust;

namespace Codat.Native.Perf;

/// <summary>The weight step: class risks to the worst class weights in the chi-square ball, with the audit.</summary>
public class ClassWeightBenchmarks : OpBenchmark
{
    private const int SamplesPerClass = 4;

    private StepRecord? _record;

    /// <summary>Classes, all of them present.</summary>
    [Params(10, 100, 1000)]
    public int Classes { get; set; }

    /// <summary>
    /// Radius of the ball; the large one puts weights at zero, where the exact solver has more to do.
    /// </summary>
    [Params(0.1, 2.0)]
    public double Radius { get; set; }

    /// <summary>Random risks of four samples a class.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        var table = new double[3 * Classes];
        for (var k = 0; k < Classes; k++)
        {
            for (var i = 0; i < SamplesPerClass; i++)
            {
                var loss = 3 * random.NextDouble();
                table[k] += loss;
                table[Classes + k] += loss * loss;
            }
            table[2 * Classes + k] = SamplesPerClass;
        }
        var risks = Values(DType.Float64, table, 3, Classes);
        var prior = Values(DType.Float64, [.. Enumerable.Repeat(1.0 / Classes, Classes)], Classes);
        _record = new StepRecord(risks.Data.Tensor!.Device, Classes);
        Graph.Apply(new ClassWeightOp(new ClassWeightSpec { Kind = ClassWeightKind.Codat }), risks, prior,
            Values(DType.Float64, [Radius], 1), Graph.Bind(_record.Table), Graph.Bind(_record.Numbers),
            Graph.Bind(_record.Status), Graph.Bind(_record.Averages));
        _record.Status.Clear();
        _record.Averages.Clear();
        Compile();
    }

    /// <summary>One weight step.</summary>
    [Benchmark]
    public void WeightStep() => Run();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _record?.Dispose();
        base.Dispose(disposing);
    }
}
