using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Random programs give the same bits however their memory is laid out, and the values a plain evaluation gives.</summary>
internal sealed class RandomGraphTests
{
    [Test]
    public void Run_WithReuse_GivesTheBitsOfRunWithout([Range(0, 299)] int seed)
    {
        var steps = 10 + seed % 60;

        var (plain, expected) = Run(seed, steps, new PlanOptions { Reuse = false, FuseEpilogues = false, FoldBatchNorm = false });
        var (shared, _) = Run(seed, steps, new PlanOptions());

        for (var i = 0; i < plain.Count; i++)
        {
            Expect.SameBits(shared[i], plain[i], $"seed {seed} result {i}");
            Expect.Close(plain[i], expected[i], 1e-12, $"seed {seed} result {i}");
        }
    }

    [Test]
    public void Run_ValueThatIsAlsoItsOwnScale_IsNotComputedInPlace()
    {
        // In place, the first row would overwrite the scale that the second row still needs.
        using var bench = new GraphBench();
        var x = bench.Graph.Exp(bench.Input(new Shape(2, 5), 1));
        var y = bench.Graph.Square(bench.Graph.ChannelAffine(x, x));
        var z = bench.Graph.Exp(bench.Input(new Shape(2, 5), 2));
        var w = bench.Graph.Square(bench.Graph.ChannelAffine(z, bench.Graph.Reshape(bench.Graph.Reshape(z, new Shape(10)), new Shape(2, 5))));

        Expect.SameBits(bench.Run(y), bench.Run(y, new PlanOptions { Reuse = false }));
        Expect.SameBits(bench.Run(w), bench.Run(w, new PlanOptions { Reuse = false }));
    }

    [Test]
    public void Compile_ManySeeds_UseInPlaceAliasesAndElidedStores()
    {
        // The property above is only worth something if the tricks it guards are really played.
        int inPlace = 0, elided = 0, kept = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            using var bench = new GraphBench();
            _ = new RandomGraph(bench, seed, 40);
            var graph = DeadNodeElimination.Run(bench.Graph);
            var storage = StorageAssignment.Build(graph, reuse: true);
            elided += storage.ElidedStores.Count;
            var owners = new HashSet<int>();
            for (var id = 0; id < graph.Count; id++)
            {
                if (graph[id].Op is StoreOp && !storage.ElidedStores.Contains(id)) kept++;
                if (graph[id].Op is not { IsAlias: false } || storage.SlotOf(id) < 0) continue;
                if (storage.Slots[storage.SlotOf(id)].Tensor is null && !owners.Add(storage.SlotOf(id))) inPlace++;
            }
        }

        Assert.That(inPlace, Is.GreaterThan(200));
        Assert.That(elided, Is.GreaterThan(200));
        Assert.That(kept, Is.GreaterThan(200));
    }

    private static (List<double[]> Actual, List<double[]> Expected) Run(int seed, int steps, PlanOptions options)
    {
        using var bench = new GraphBench();
        var graph = new RandomGraph(bench, seed, steps);
        using var program = bench.Compile(options);
        program["main"].Run();
        program["main"].Run();
        graph.Evaluate();
        graph.Evaluate();
        return (graph.Results.ConvertAll(r => GraphBench.Read(r.Actual)), graph.Results.ConvertAll(r => r.Expected()));
    }
}
