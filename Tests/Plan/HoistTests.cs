using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class HoistTests
{
    [Test]
    public void Run_AttackWithHoisting_GivesTheBitsOfTheAttackWithout([Values("small-cnn", "basic-stride", "preact", "wrn-10-1")] string module,
        [Values(ForwardMode.BatchStats, ForwardMode.Eval)] ForwardMode mode)
    {
        using var with = new Attack(module, mode, hoist: true);
        using var without = new Attack(module, mode, hoist: false);

        // The second round has other weights: what was hoisted must be prepared anew.
        for (var round = 0; round < 2; round++)
        {
            var (first, second) = (with.Run(round), without.Run(round));
            Expect.SameBits(first, second, $"round {round}");
        }
    }

    [Test]
    public void Compile_WithHoisting_MovesWorkOnWeights([Values("small-cnn", "basic-stride", "preact", "wrn-10-1")] string module)
    {
        using var attack = new Attack(module, ForwardMode.Eval, hoist: true);

        static bool OnWeights(PlanStep step) => step.Op is PackConvWeightsOp or ScaleFiltersOp or FoldMomentsOp or RowOp;

        var (prepare, loop) = (attack.Program["prepare"].Steps, attack.Program["attack"].Steps);
        Assert.That(loop.Count(OnWeights), Is.Zero);
        // Forward and input gradient of every convolution are packed, each once.
        Assert.That(prepare.Count(s => s.Op is PackConvWeightsOp), Is.EqualTo(loop.Count(s => s.Op is Conv2dOp or Conv2dInputGradOp)));
        Assert.That(prepare.Count(s => s.Op is Conv2dOp), Is.Zero);
        Assert.That(attack.Program.CarryBytes, Is.GreaterThan(0));
    }

    [Test]
    public void Compile_WithoutHoisting_MovesNothing()
    {
        using var attack = new Attack("basic", ForwardMode.Eval, hoist: false);

        Assert.That(attack.Program["prepare"].Steps, Is.Empty);
        Assert.That(attack.Program["attack"].Steps.Count(s => s.Op is PackConvWeightsOp), Is.GreaterThan(0));
    }

    [Test]
    public void Compile_InputWrittenByAPlanBetween_IsNotHoisted()
    {
        using var bench = new GraphBench();
        var (source, other) = (bench.Tensor(new Shape(3), [1, 2, 3]), bench.Tensor(new Shape(3), [1, 1, 1]));
        var output = bench.Tensor(new Shape(3), [0, 0, 0]);
        using var program = new PlanProgram(bench.Device);
        program.Add("prepare", new GraphBuilder());
        var middle = new GraphBuilder();
        middle.Store(source, middle.Scale(middle.Bind(source), 10));
        program.Add("middle", middle);
        var loop = new GraphBuilder();
        loop.Store(output, loop.Add(loop.Bind(output), loop.Add(loop.Square(loop.Bind(source)), loop.Exp(loop.Bind(other)))));
        program.Add("loop", loop, hoistInto: "prepare");
        program.Compile();

        program["prepare"].Run();
        program["middle"].Run();
        program["loop"].Run();

        Expect.Close(GraphBench.Read(output), [100 + Math.E, 400 + Math.E, 900 + Math.E], 1e-14);
        Assert.That(program["loop"].Steps.Count(s => s.Op is UnaryOp { Kind: UnaryKind.Square }), Is.EqualTo(1));
        Assert.That(program["prepare"].Steps.Count(s => s.Op is UnaryOp { Kind: UnaryKind.Exp }), Is.EqualTo(1));
    }

    [Test]
    public void Compile_InputThatOverlapsAWrittenView_IsNotHoisted()
    {
        using var bench = new GraphBench();
        var arena = bench.Tensor(new Shape(4), [1, 2, 3, 4]);
        var (left, right) = (arena.View(0, new Shape(2), "left"), arena.View(1, new Shape(2), "overlapping"));
        var sum = bench.Tensor(new Shape(2), [0, 0]);
        using var program = new PlanProgram(bench.Device);
        program.Add("prepare", new GraphBuilder());
        var loop = new GraphBuilder();
        loop.Store(sum, loop.Add(loop.Bind(sum), loop.Square(loop.Bind(left))));
        loop.Store(right, loop.Offset(loop.Bind(right), 1));
        program.Add("loop", loop, hoistInto: "prepare");
        program.Compile();

        program["prepare"].Run();
        for (var i = 0; i < 3; i++) program["loop"].Run();

        Assert.That(GraphBench.Read(sum), Is.EqualTo(new double[] { 3, 4 + 9 + 16 }));
    }

    /// <summary>prepare and attack over one network; a run makes three steps after preparing once.</summary>
    private sealed class Attack : IDisposable
    {
        private readonly CpuDevice _device = Device.Cpu(new CpuOptions { Threads = 1 });
        private readonly GraphBench _bench;
        private readonly ModuleBench _module;
        private readonly Tensor _clean;
        private readonly double[] _start;

        public Attack(string name, ForwardMode mode, bool hoist)
        {
            _bench = new GraphBench(_device, DType.Float32);
            _module = new ModuleBench(_bench, name);
            _start = GraphBench.Read(_module.Image);
            _clean = _bench.Tensor(_module.Image.Shape, _start);
            Program = new PlanProgram(_device, new PlanOptions { Hoist = hoist });
            Program.Add("prepare", new GraphBuilder());
            var graph = new GraphBuilder();
            var image = graph.Bind(_module.Image);
            var gradient = graph.Gradients(_module.Loss(graph, mode), image)[0];
            graph.Apply(new PgdStepOp(Norm.L2, 0.5, 0.2), image, gradient, graph.Bind(_clean));
            Program.Add("attack", graph, hoistInto: "prepare");
            Program.Compile();
        }

        public PlanProgram Program { get; }

        public double[] Run(int round)
        {
            var weights = GraphBench.Read(_module.Weights);
            for (var i = 0; i < weights.Length; i++) weights[i] *= 1 + 0.1 * round;
            GraphBench.Write(_module.Weights, weights);
            GraphBench.Write(_module.Image, _start);
            Program["prepare"].Run();
            for (var i = 0; i < 3; i++) Program["attack"].Run();
            var result = GraphBench.Read(_module.Image);
            Assert.That(result, Is.Not.EqualTo(_start));
            return result;
        }

        public void Dispose()
        {
            Program.Dispose();
            _module.Dispose();
            _bench.Dispose();
            _device.Dispose();
        }
    }
}
