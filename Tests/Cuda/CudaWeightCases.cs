using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The weight step under every rule, on batches that make each rule matter: the same bits on every device.</summary>
internal static class CudaWeightCases
{
    public static IEnumerable<TestCaseData> Cases()
    {
        foreach (var item in All()) yield return new TestCaseData(item).SetArgDisplayNames(item.Name);
    }

    private static IEnumerable<CudaCase> All()
    {
        var policies = new[] { ClassRiskPolicy.Batch, ClassRiskPolicy.BatchFilled, ClassRiskPolicy.Average(0.9) };
        foreach (var kind in new[] { ClassWeightKind.None, ClassWeightKind.Balanced, ClassWeightKind.Codat })
            foreach (var solver in Enum.GetValues<WeightSolver>())
                foreach (var variance in Enum.GetValues<VarianceKind>())
                    foreach (var policy in policies)
                    {
                        var spec = new ClassWeightSpec { Kind = kind, Solver = solver, Policy = policy, Variance = variance };
                        var name = $"{kind}.{solver}.{variance}.{policy.Source}.{policy.Missing}";
                        foreach (var classes in new[] { 1, 10, 300 })
                            yield return Case($"{name}.{classes}", spec, 0.5, Prior(classes, 3), Batch(classes, 1), Batch(classes, 2));
                    }

        foreach (var policy in policies)
            foreach (var classes in new[] { 1, 10, 300 })
                yield return Case($"Noise.{policy.Source}.{policy.Missing}.{classes}",
                    new ClassWeightSpec { Kind = ClassWeightKind.Codat, Policy = policy, MeasuresNoise = true }, 0.5,
                    Prior(classes, 3), Batch(classes, 1), Batch(classes, 2));
        yield return Case("Noise.Unknown", new ClassWeightSpec { Kind = ClassWeightKind.Codat, MeasuresNoise = true }, 0.5,
            Uniform(10), Tied(10));

        var exact = new ClassWeightSpec { Kind = ClassWeightKind.Codat };
        foreach (var eta in new[] { 0, 1e-9, 0.05, 2, 9, 1e6 })
            yield return Case($"Radius.{eta}", exact, eta, Uniform(10), Batch(10, 4));
        foreach (var scale in new[] { 0, 1e-320, 1e-200, 1e200 })
            yield return Case($"Scale.{scale}", exact, 1, Uniform(10), Scaled(Batch(10, 5), scale));
        yield return Case("Ties", exact, 5, Uniform(10), Tied(10));
        yield return Case("NearlyEqual", exact, 3, Uniform(10), NearlyEqual(10));
        foreach (var item in Rivals()) yield return item;
        yield return Case("PriorOfOneClass", exact, 1, [0, 0, 1, 0], Batch(4, 6));
    }

    private static IEnumerable<CudaCase> Rivals()
    {
        var policies = new[] { ClassRiskPolicy.Batch, ClassRiskPolicy.BatchFilled, ClassRiskPolicy.Average(0.9) };
        foreach (var ball in new[] { BallKind.Kl, BallKind.ReverseKl, BallKind.Cvar })
        {
            foreach (var classes in new[] { 1, 10, 300 })
                foreach (var policy in policies)
                    yield return Case($"{ball}.{policy.Source}.{policy.Missing}.{classes}", new BallWeightOp(ball, policy),
                        0.5, Prior(classes, 3), false, Batch(classes, 1), Batch(classes, 2));
            foreach (var eta in new[] { 1e-9, 0.01, 1, 30 })
                yield return Case($"{ball}.Radius.{eta}", new BallWeightOp(ball, ClassRiskPolicy.Batch), eta, Uniform(10), false, Batch(10, 4));
            yield return Case($"{ball}.Ties", new BallWeightOp(ball, ClassRiskPolicy.Batch), 0.7, Uniform(10), false, Tied(10));
            yield return Case($"{ball}.NearlyEqual", new BallWeightOp(ball, ClassRiskPolicy.Batch), 0.7, Uniform(10), false, NearlyEqual(10));
        }
        foreach (var classes in new[] { 1, 10, 300 })
        {
            yield return Case($"GroupDro.{classes}", new GroupDroOp(0.5, ClassRiskPolicy.Batch), 0, Prior(classes, 3), true,
                Batch(classes, 1), Batch(classes, 2), Batch(classes, 3));
            yield return Factors($"Wat.{classes}", classes);
            foreach (var counts in new[] { false, true })
                yield return Margins($"Faal.{counts}.{classes}", new MarginWeightOp(counts, ClassRiskPolicy.Batch), classes);
        }
    }

    private static CudaCase Margins(string name, Op op, int classes) => new(name, Agreement.Exact, b =>
    {
        var (tensors, inputs) = Record(b, 0.5, Uniform(classes));
        var margins = Scaled(Batch(classes, 1), -0.2);
        b.Graph.Apply(op, [b.Doubles(new Shape(3, classes), Batch(classes, 1)), .. inputs, b.Doubles(new Shape(3, classes), margins)]);
        return tensors;
    });

    private static CudaCase Factors(string name, int classes) => new(name, Agreement.Exact, b =>
    {
        var (tensors, inputs) = Record(b, 0, Prior(classes, 3));
        var factors = b.Doubles(new Shape(classes), [.. Enumerable.Range(0, classes).Select(k => 0.1 + k * 0.37 % 2)]);
        b.Graph.Apply(new FactorWeightOp(ClassRiskPolicy.Batch),
            [b.Doubles(new Shape(3, classes), Batch(classes, 1)), .. inputs, factors]);
        return tensors;
    });

    private static CudaCase Case(string name, Op op, double eta, double[] prior, bool remembers, params double[][] batches) =>
        new(name, Agreement.Exact, b =>
        {
            var (tensors, inputs) = Record(b, eta, prior);
            var memory = b.DoubleTensor(new Shape(prior.Length), new double[prior.Length]);
            foreach (var batch in batches)
            {
                var risks = b.Doubles(new Shape(3, prior.Length), batch);
                b.Graph.Apply(op, remembers ? [risks, .. inputs, b.Graph.Bind(memory)] : [risks, .. inputs]);
            }
            return [.. tensors, memory];
        });

    private static (Tensor[] Tensors, Node[] Inputs) Record(GraphBench b, double eta, double[] prior)
    {
        var classes = prior.Length;
        var table = b.DoubleTensor(new Shape(StepRecord.Rows, classes), new double[StepRecord.Rows * classes]);
        var numbers = b.DoubleTensor(new Shape(StepRecord.Scalars), new double[StepRecord.Scalars]);
        var averages = b.DoubleTensor(new Shape(2, classes), new double[2 * classes]);
        var status = b.Status(0, count: 2);
        return ([table, numbers, status, averages],
        [
            b.Doubles(new Shape(classes), prior), b.Doubles(new Shape(1), [eta]), b.Graph.Bind(table),
            b.Graph.Bind(numbers), b.Graph.Bind(status), b.Graph.Bind(averages),
        ]);
    }

    /// <summary>What a step must refuse, and how: the failure is recorded, nothing else moves.</summary>
    public static IEnumerable<TestCaseData> Failures()
    {
        var spec = new ClassWeightSpec { Kind = ClassWeightKind.Codat, Policy = ClassRiskPolicy.BatchFilled };
        var nan = Batch(10, 1);
        (nan[3], nan[7]) = (double.PositiveInfinity, double.NaN);
        foreach (var (name, item, status, bad) in new[]
        {
            ("LossNotFinite", Case("", spec, 1, Uniform(10), nan, Batch(10, 2)), DroStatus.RiskNotFinite, 3),
            ("PriorNegative", Case("", spec, 1, [.. Uniform(9), -0.1], Batch(10, 1)), DroStatus.PriorInvalid, 9),
            ("RadiusNegative", Case("", spec, -1, Uniform(10), Batch(10, 1)), DroStatus.RadiusInvalid, -1),
            ("NoClass", Case("", spec, 1, Uniform(10), new double[30]), DroStatus.NoClass, -1),
        })
            yield return new TestCaseData(item, (int)status, bad).SetArgDisplayNames(name);
    }

    private static CudaCase Case(string name, ClassWeightSpec spec, double eta, double[] prior, params double[][] batches)
    {
        var classes = prior.Length;
        return new CudaCase(name, Agreement.Exact, b =>
        {
            var table = b.DoubleTensor(new Shape(StepRecord.Rows, classes), new double[StepRecord.Rows * classes]);
            var numbers = b.DoubleTensor(new Shape(StepRecord.Scalars), new double[StepRecord.Scalars]);
            var averages = b.DoubleTensor(new Shape(2, classes), new double[2 * classes]);
            var status = b.Status(0, count: 2);
            foreach (var batch in batches)
                b.Graph.Apply(new ClassWeightOp(spec), b.Doubles(new Shape(3, classes), batch),
                    b.Doubles(new Shape(classes), prior), b.Doubles(new Shape(1), [eta]), b.Graph.Bind(table),
                    b.Graph.Bind(numbers), b.Graph.Bind(status), b.Graph.Bind(averages));
            return [table, numbers, status, averages];
        });
    }

    private static double[] Uniform(int classes)
    {
        var prior = new double[classes];
        Array.Fill(prior, 1.0 / classes);
        return prior;
    }

    /// <summary>A prior that does not sum to one, with a class it leaves out.</summary>
    private static double[] Prior(int classes, int seed)
    {
        var prior = TestValues.Uniform(classes, seed, 0.1, 1);
        if (classes > 4) prior[4] = 0;
        return prior;
    }

    /// <summary>Sums, sums of squares and counts of losses; every fifth class is empty, some have one sample.</summary>
    private static double[] Batch(int classes, int seed)
    {
        var random = new Random(seed);
        var table = new double[3 * classes];
        for (var k = 0; k < classes; k++)
        {
            var count = classes > 1 && k % 5 == seed % 5 ? 0 : random.Next(1, 9);
            for (var i = 0; i < count; i++)
            {
                var loss = 3 * random.NextDouble() * random.NextDouble() + (k == 1 ? 4 : 0);
                table[k] += loss;
                table[classes + k] += loss * loss;
            }
            table[2 * classes + k] = count;
        }
        return table;
    }

    private static double[] Scaled(double[] batch, double scale)
    {
        for (var i = 0; i < batch.Length * 2 / 3; i++) batch[i] *= scale;
        return batch;
    }

    /// <summary>Several classes share the largest risk, several the least.</summary>
    private static double[] Tied(int classes)
    {
        var table = new double[3 * classes];
        for (var k = 0; k < classes; k++) (table[k], table[classes + k], table[2 * classes + k]) = (k % 3, k % 3, 1);
        return table;
    }

    private static double[] NearlyEqual(int classes)
    {
        var table = new double[3 * classes];
        for (var k = 0; k < classes; k++)
            (table[k], table[classes + k], table[2 * classes + k]) = (1e12 + k * 1e-3, 1e24, 1);
        return table;
    }
}
