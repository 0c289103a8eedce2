using Codat.Native.Autograd;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class PlanProgramTests
{
    [Test]
    public void Run_SeveralPlansOverOneArena_CarriesSurvive()
    {
        using var bench = new GraphBench();
        var counter = bench.Tensor(new Shape(1), [1]);
        using var program = new PlanProgram(bench.Device);
        var carries = new Tensor[5];
        for (var i = 0; i < carries.Length; i++) carries[i] = program.Carry($"carry{i}", DType.Float64, new Shape(100 + i));
        var first = new GraphBuilder();
        for (var i = 0; i < carries.Length; i++)
            first.Store(carries[i], first.Fill(DType.Float64, carries[i].Shape, i + 1));
        program.Add("first", first);
        // A plan that fills all of its temporaries, more than any other, with NaN.
        program.Add("poison", Poison(counter, 3000));
        var last = new GraphBuilder();
        var sum = last.SumAll(last.Bind(carries[0]));
        for (var i = 1; i < carries.Length; i++) sum = last.Add(sum, last.SumAll(last.Bind(carries[i])));
        var output = bench.Tensor(Shape.Scalar, [0]);
        last.Store(output, sum);
        program.Add("last", last);
        program.Compile();

        program["first"].Run();
        program["poison"].Run();
        program["last"].Run();

        Assert.That(GraphBench.Read(output)[0], Is.EqualTo(100 + 2 * 101 + 3 * 102 + 4 * 103 + 5 * 104));
        for (var i = 0; i < carries.Length; i++) Assert.That(GraphBench.Read(carries[i]), Is.All.EqualTo(i + 1));
    }

    [Test]
    public void Run_ArenaPoisonedBetweenPlans_ChangesNothing([Values] bool reuse)
    {
        using var bench = new GraphBench();
        using var program = new PlanProgram(bench.Device, new PlanOptions { Reuse = reuse });
        var x = bench.Input(new Shape(2, 6, 6, 3), 1);
        var y = Block(bench, bench.Graph, x);
        var output = bench.Output(y);
        program.Add("work", bench.Graph);
        program.Add("poison", Poison(bench.Tensor(new Shape(1), [1]), 20000));
        program.Compile();
        program["work"].Run();
        var expected = GraphBench.Read(output);

        program["poison"].Run();
        output.Clear();
        program["work"].Run();

        Assert.That(expected, Is.All.Matches<double>(double.IsFinite));
        Expect.SameBits(GraphBench.Read(output), expected);
    }

    [Test]
    public void Dispose_OfTheProgram_TakesTheMemoryFromCarriesAndPlans()
    {
        using var bench = new GraphBench();
        var program = new PlanProgram(bench.Device);
        var carry = program.Carry("carry", DType.Float64, new Shape(3));
        var graph = new GraphBuilder();
        graph.Store(carry, graph.Fill(DType.Float64, new Shape(3), 1));
        program.Add("main", graph);
        program.Compile();
        var plan = program["main"];
        plan.Run();

        program.Dispose();
        program.Dispose();

        Assert.That(() => plan.Run(), Throws.InstanceOf<InvalidOperationException>());
        Assert.That(() => carry.ToArray<double>(), Throws.InstanceOf<InvalidOperationException>());
        Assert.That(() => program.Compile(), Throws.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public void Run_AfterABoundTensorIsDisposed_NamesTheTensor([Values] bool view)
    {
        using var bench = new GraphBench();
        var input = bench.Device.Allocate(DType.Float64, new Shape(4), "input");
        bench.Output(bench.Graph.Exp(bench.Graph.Bind(view ? input.View(1, new Shape(2), "part") : input)));
        using var program = bench.Compile();
        program["main"].Run();

        input.Dispose();

        Assert.That(() => program["main"].Run(), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("input"));
    }

    [Test]
    public void Carry_BeforeCompile_HasNoMemory()
    {
        using var bench = new GraphBench();
        using var program = new PlanProgram(bench.Device);
        var carry = program.Carry("state", DType.Float64, new Shape(3));

        var error = Assert.Throws<InvalidOperationException>(() => carry.ToArray<double>());

        Assert.That(error!.Message, Does.Contain("state").And.Contain("compile"));
    }

    [Test]
    public void Compile_ManyPlans_ShareOneArena()
    {
        using var bench = new GraphBench();
        using var one = new PlanProgram(bench.Device);
        using var three = new PlanProgram(bench.Device);
        foreach (var (program, plans) in new[] { (one, 1), (three, 3) })
        {
            for (var i = 0; i < plans; i++)
            {
                var graph = new GraphBuilder();
                var x = graph.Bind(bench.Tensor(new Shape(1000), new double[1000]));
                graph.Store(bench.Tensor(Shape.Scalar, [0]), graph.SumAll(graph.Exp(x)));
                program.Add($"plan{i}", graph);
            }
            program.Compile();
        }

        Assert.That(three.ArenaBytes, Is.EqualTo(one.ArenaBytes));
        Assert.That(one.ArenaBytes, Is.InRange(8000, 8000 + 3 * 256));
    }

    [Test]
    public void Dispose_OfEverything_LeavesNoLiveBytes()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 2 });
        using (var bench = new GraphBench(device, DType.Float32))
        {
            var x = bench.Input(new Shape(2, 6, 6, 3), 1);
            using var program = new PlanProgram(device);
            var carry = program.Carry("c", DType.Float32, new Shape(2, 6, 6, 4));
            bench.Graph.Store(carry, Block(bench, bench.Graph, x));
            program.Add("main", bench.Graph);
            program.Compile();
            program["main"].Run();
            Assert.That(device.Memory.LiveBlocks, Is.GreaterThan(3));
        }

        Assert.That(device.Memory.LiveBytes, Is.Zero);
        Assert.That(device.Memory.LiveBlocks, Is.Zero);
        Assert.That(device.Memory.PeakBytes, Is.GreaterThan(0));
    }

    [Test]
    public void Compile_PastTheMemoryLimit_ThrowsAndLeaksNothing()
    {
        var statistics = new StatisticsResource(HostMemory.Shared);
        using var device = Device.Cpu(new CpuOptions { Threads = 1, Memory = new LimitingResource(statistics, 64 * 1024) });
        using (var bench = new GraphBench(device, DType.Float32))
        {
            // Two values of 32 KiB are alive at once and the input is one more.
            var x = bench.Input(new Shape(8192), 1);
            bench.Output(bench.Graph.SumAll(bench.Graph.Multiply(bench.Graph.Exp(x), bench.Graph.Sigmoid(x))));

            var error = Assert.Throws<HostOutOfMemoryException>(() => bench.Compile().Dispose());

            Assert.That(error!.RequestedBytes, Is.GreaterThan(32 * 1024));
            Assert.That(error.Message, Does.Contain("65,536"));
            Assert.That(() => device.Allocate(DType.Float32, new Shape(20000)), Throws.InstanceOf<HostOutOfMemoryException>());
            using var fits = device.Allocate(DType.Float32, new Shape(4000));
        }
        Assert.That(statistics.LiveBytes, Is.Zero);
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Run_AfterWarmUp_AllocatesNoManagedMemory()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var bench = new GraphBench(device, DType.Float32);
        var g = bench.Graph;
        var x = bench.Input(new Shape(4, 8, 8, 3), 1);
        var w = bench.Input(new Shape(5, 4), 3);
        var y = g.Linear(g.GlobalAvgPool(g.MaxPool2d(Block(bench, g, x), 2)), w, bench.Input(new Shape(5), 4));
        var loss = g.Mean(g.SoftmaxCrossEntropy(y, bench.Ints(1, 2, 3, 4), 0.1));
        bench.Output(loss);
        foreach (var gradient in g.Gradients(loss, x, w)) bench.Output(g.Silu(gradient));
        bench.Output(g.ArgMax(y));
        using var program = bench.Compile();
        var plan = program["main"];
        for (var i = 0; i < 5; i++) plan.Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) plan.Run();
        var after = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(after - before, Is.Zero);
    }

    [Test]
    public void Watch_Set_IsToldOfEveryStepInOrder()
    {
        using var bench = new GraphBench();
        bench.Output(bench.Graph.Exp(bench.Input(new Shape(100000), 1)));
        using var program = bench.Compile();
        var plan = program["main"];
        var watch = new StepList();

        plan.Watch = watch;
        plan.Run();
        plan.Watch = null;
        plan.Run();

        Assert.That(watch.Steps.Select(s => s.Step), Is.EqualTo(Enumerable.Range(0, plan.Steps.Count)));
        Assert.That(watch.Steps.Select(s => s.Ticks), Is.All.GreaterThan(0));
    }

    [Test]
    public void Compile_OpWithoutKernel_NamesPlanLayerAndTypes()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(2, 3), 1);
        using (bench.Graph.Label("layer7")) bench.Output(bench.Graph.Apply(new OnlyAName(), x));

        var error = Assert.Throws<NotSupportedException>(() => bench.Compile());

        Assert.That(error!.Message, Does.Contain("main").And.Contain("layer7").And.Contain("OnlyAName").And.Contain("Cpu")
            .And.Contain("Float64 [2,3]"));
    }

    [Test]
    public void Add_SameNameTwice_IsRefused()
    {
        using var bench = new GraphBench();
        using var program = new PlanProgram(bench.Device);
        program.Add("main", new GraphBuilder());

        Assert.That(() => program.Add("main", new GraphBuilder()), Throws.ArgumentException.With.Message.Contains("main"));
    }

    [Test]
    public void Add_HoistIntoAPlanThatIsNotEarlier_IsRefused()
    {
        using var bench = new GraphBench();
        using var program = new PlanProgram(bench.Device);

        Assert.That(() => program.Add("loop", new GraphBuilder(), hoistInto: "prepare"),
            Throws.ArgumentException.With.Message.Contains("prepare"));
    }

    private static Node Block(GraphBench bench, GraphBuilder g, Node x)
    {
        var y = g.Conv2d(x, bench.Input(new Shape(4, 3, 3, 3), 11), padding: 1);
        y = g.Relu(g.BatchNorm(y, g.BatchMoments(y), bench.Input(new Shape(4), 12), bench.Input(new Shape(4), 13)));
        return g.Add(g.Conv2d(y, bench.Input(new Shape(4, 3, 3, 4), 14), padding: 1), y);
    }

    private static GraphBuilder Poison(Tensor one, int count)
    {
        var graph = new GraphBuilder();
        var nan = graph.Log(graph.Scale(graph.Bind(one), -1));
        var values = new Node[6];
        for (var i = 0; i < values.Length; i++)
            values[i] = graph.MultiplyScalar(graph.Fill(DType.Float64, new Shape(count + i), 1), nan);
        var sum = graph.SumAll(values[0]);
        for (var i = 1; i < values.Length; i++) sum = graph.Add(sum, graph.SumAll(values[i]));
        graph.Store(one, graph.Add(graph.Reshape(graph.Scale(graph.Clamp(sum, 0, 0), 0), one.Shape), graph.Fill(DType.Float64, one.Shape, 1)));
        return graph;
    }

    private sealed class StepList : IPlanWatch
    {
        public List<(int Step, long Ticks)> Steps { get; } = [];

        public void Ran(Plan plan, int step, long start, long end) => Steps.Add((step, end - start));
    }

    private sealed record OnlyAName : Op
    {
        public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];
    }
}
