using System.Diagnostics;
using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Times training steps on random images: whole steps, phases, and every layer.</summary>
public static class StepProfiler
{
    /// <summary>
    /// Runs one warm-up step and the timed ones; layers are timed in steps of their own, which are slower.
    /// </summary>
    /// <returns>The object that <c>codat profile --json</c> prints.</returns>
    public static JsonObject Run(
        ProfileOptions options, Action<string, long, long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var device = DeviceCatalog.Open(options, options.Precision).Device;
        var small = options.Model is "small-cnn" or "medium-cnn" or "mlp";
        var (side, channels) = small ? (28, 1) : (32, 3);
        using var network = Network.Create(
            new NetworkSpec(options.Model, side, side, channels, 10), device, options.Seed);
        using var step = new StepProgram(network, Spec(options, small));
        Fill(step, options.Seed);

        // One run warms the processor up; a GPU's step is a captured graph from the third on.
        for (var warmUp = step.Events is null ? 1 : 3; warmUp > 0; warmUp--) step.Run();
        device.Synchronize();
        var seconds = new double[options.Rounds];
        var phases = new double[3];
        var managed = new long[options.Rounds];
        for (var round = 0; round < options.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            // Around the step alone: reporting progress is free to allocate.
            var before = GC.GetTotalAllocatedBytes(precise: true);
            seconds[round] = Timed(step, phases);
            managed[round] = GC.GetTotalAllocatedBytes(precise: true) - before;
            progress?.Invoke("profile", round + 1, options.Rounds);
        }
        Array.Sort(seconds);
        Array.Sort(managed);
        var median = seconds[seconds.Length / 2];
        return new JsonObject
        {
            ["model"] = options.Model, ["batch"] = options.Batch,
            ["objective"] = SettingNames.Objectives.Print(options.Objective),
            ["steps"] = options.Steps, ["device"] = device.Description,
            ["precision"] = SettingNames.Precisions.Print(options.Precision),
            ["threads"] = device.Threads,
            ["secondsPerStep"] = new JsonObject { ["min"] = seconds[0], ["median"] = median, ["max"] = seconds[^1] },
            ["imagesPerSecond"] = options.Batch / median,
            ["phases"] = new JsonObject
            {
                ["prepare"] = phases[0] / options.Rounds, ["attack"] = phases[1] / options.Rounds,
                ["update"] = phases[2] / options.Rounds,
            },
            ["layers"] = Layers(step, Math.Min(3, options.Rounds)),
            ["peakBytes"] = device.PeakBytes,
            // The median: the runtime's own compiler allocates now and then while it improves code in the background.
            ["managedBytesPerStep"] = managed[managed.Length / 2],
        };
    }

    private static StepSpec Spec(ProfileOptions options, bool small)
    {
        var (loss, weights) = ObjectivePreset.Of(options.Objective);
        var threat = small ? ThreatModel.SmallGrey : ThreatModel.Colour;
        return new StepSpec
        {
            Batch = options.Batch, Loss = loss, ClassWeights = new ClassWeightSpec { Kind = weights },
            Norm = threat.Norm,
            Epsilon = threat.Eps.Value, StepSize = threat.Step.Value, AttackSteps = options.Steps,
            Start = loss == LossKind.Trades ? AttackStart.Gaussian : AttackStart.Uniform, Seed = options.Seed,
            Precision = options.Precision,
        };
    }

    private static void Fill(StepProgram step, ulong seed)
    {
        var tensors = step.Tensors;
        var random = new Random((int)(seed & int.MaxValue));
        var pixels = new byte[tensors.Pixels.Shape.Count];
        random.NextBytes(pixels);
        var labels = new int[tensors.Labels.Shape.Count];
        for (var i = 0; i < labels.Length; i++) labels[i] = random.Next(10);
        tensors.Pixels.CopyFrom<byte>(pixels);
        tensors.Labels.CopyFrom<int>(labels);
        tensors.SetRadius(0.3);
        tensors.SetLearningRate(0.01);
    }

    private static double Timed(StepProgram step, double[] phases)
    {
        var start = Stopwatch.GetTimestamp();
        if (step.Events is { } events)
        {
            step.Run();
            phases[0] += events.Seconds(PhaseEvents.Start, PhaseEvents.Prepared);
            phases[1] += events.Seconds(PhaseEvents.Prepared, PhaseEvents.Attacked);
            phases[2] += events.Seconds(PhaseEvents.Attacked, PhaseEvents.Updated);
            return Seconds(start, Stopwatch.GetTimestamp());
        }
        step.Prepare();
        var prepared = Stopwatch.GetTimestamp();
        step.Attack();
        var attacked = Stopwatch.GetTimestamp();
        step.Update();
        var end = Stopwatch.GetTimestamp();
        phases[0] += Seconds(start, prepared);
        phases[1] += Seconds(prepared, attacked);
        phases[2] += Seconds(attacked, end);
        return Seconds(start, end);
    }

    private static JsonArray Layers(StepProgram step, int rounds)
    {
        foreach (var plan in step.Plans) plan.Profile(true);
        for (var i = 0; i < rounds; i++)
        {
            step.Prepare();
            step.Attack();
            step.Update();
        }
        var layers = new JsonArray();
        foreach (var plan in step.Plans)
        {
            var ticks = plan.StepTicks ?? [];
            var rows = plan.Steps.Select((s, i) => (Step: s, Ticks: ticks[i])).OrderByDescending(r => r.Ticks);
            foreach (var (s, t) in rows)
            {
                layers.Add(new JsonObject
                {
                    ["phase"] = plan.Name, ["layer"] = s.Label, ["op"] = s.Op.Name, ["kernel"] = s.Kernel.Variant,
                    ["output"] = s.Signature.Output.Shape.ToString(),
                    ["seconds"] = t / (double)Stopwatch.Frequency / rounds,
                });
            }
            plan.Profile(false);
        }
        return layers;
    }

    private static double Seconds(long from, long to) => (to - from) / (double)Stopwatch.Frequency;
}
