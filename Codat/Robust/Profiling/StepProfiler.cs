using System.Diagnostics;
using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Times training steps on random images: whole steps, phases, every layer and every kernel.</summary>
public static class StepProfiler
{
    private const int MostTraces = 3;

    /// <summary>
    /// Runs one warm-up step and the timed ones; layers and kernels are timed in steps of their own, which run eagerly
    /// and are slower.
    /// </summary>
    /// <param name="options">What to time.</param>
    /// <param name="progress">Told of timed steps: what, done, of how many.</param>
    /// <param name="notice">Told in a line why the device is not the one wanted most, where it is not.</param>
    /// <param name="cancellation">Stops it after the step under way.</param>
    /// <returns>The object that <c>codat profile --json</c> prints.</returns>
    public static JsonObject Run(
        ProfileOptions options, Action<string, long, long>? progress = null, Action<string>? notice = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Timeline is { } file) Timeline.Check(file);
        var (device, note) = DeviceCatalog.Open(options, options.Precision, options.Determinism);
        using var owned = device;
        if (note is not null) notice?.Invoke(note);
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
        var peakBytes = device.PeakBytes;
        var traces = Trace(step, Math.Min(MostTraces, options.Rounds), cancellation);
        if (options.Timeline is { } path)
            Timeline.Write(path, traces[^1], $"codat {options.Model}, batch {options.Batch}, {device.Description}");
        var median = seconds[seconds.Length / 2];
        return new JsonObject
        {
            ["model"] = options.Model, ["batch"] = options.Batch,
            ["objective"] = SettingNames.Objectives.Print(options.Objective),
            ["steps"] = options.Steps, ["device"] = device.Description,
            ["precision"] = SettingNames.Precisions.Print(options.Precision),
            ["determinism"] = SettingNames.Determinisms.Print(options.Determinism),
            ["threads"] = device.Threads,
            ["secondsPerStep"] = new JsonObject { ["min"] = seconds[0], ["median"] = median, ["max"] = seconds[^1] },
            ["imagesPerSecond"] = options.Batch / median,
            ["phases"] = new JsonObject
            {
                ["prepare"] = phases[0] / options.Rounds, ["attack"] = phases[1] / options.Rounds,
                ["update"] = phases[2] / options.Rounds,
            },
            ["layers"] = TraceTables.Layers(step, traces),
            ["peakBytes"] = peakBytes,
            // The median: the runtime's own compiler allocates now and then while it improves code in the background.
            ["managedBytesPerStep"] = managed[managed.Length / 2],
            ["kernels"] = TraceTables.Kernels(traces),
            ["launches"] = traces[^1].Launches,
            ["graphNodes"] = step.Replay?.NodeCount,
        };
    }

    private static List<StepTrace> Trace(StepProgram step, int count, CancellationToken cancellation)
    {
        var traces = new List<StepTrace>();
        using var tracer = StepTracer.Create(step);
        // The first one makes the events and grows the lists.
        tracer.Record();
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            traces.Add(tracer.Record());
        }
        return traces;
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
            Start = ObjectivePreset.StartOf(loss, AttackStart.Uniform), Seed = options.Seed,
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

    private static double Seconds(long from, long to) => (to - from) / (double)Stopwatch.Frequency;
}
