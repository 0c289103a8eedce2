using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>What the options of an engine must keep to; each breach is one error that names the option.</summary>
internal static class EngineOptionRules
{
    /// <summary>Refuses settings of the method that are out of range.</summary>
    public static void Check(CodatEngineOptions options)
    {
        if (options.Network is not null && (options.Spec is not null || options.Weights is not null))
            throw Bad(nameof(options.Network), "a network, or a structure, or weights", "several of them");
        if (options.Network is null && options.Spec is null && options.Weights is null)
            throw Bad(nameof(options.Spec), "a structure, weights or a network", "none of them");
        if (options.Batch < 1) throw Bad(nameof(options.Batch), "at least 1", Text(options.Batch));
        AtLeastZero(nameof(options.Eta), options.Eta);
        AtLeastZero(nameof(options.Beta), options.Beta);
        AtLeastZero(nameof(options.LearningRate), options.LearningRate);
        AtLeastZero(nameof(options.WeightDecay), options.WeightDecay);
        BelowOne(nameof(options.Momentum), options.Momentum);
        BelowOne(nameof(options.LabelSmoothing), options.LabelSmoothing);
        if (ObjectiveRules.NeedsTrainer(options.ClassWeights.Kind))
            throw Bad(nameof(options.ClassWeights),
                "a way of weighing that needs neither epochs nor batches of its own",
                $"{options.ClassWeights.Kind}");
        if (options.Threat is { } threat)
        {
            threat.Eps.Check("Threat.Eps", threat.Norm);
            threat.Step.Check("Threat.Step", threat.Norm);
            if (threat.Steps < 0) throw Bad("Threat.Steps", "at least 0", Text(threat.Steps));
        }
        if (options.MemoryLimitBytes is <= 0)
            throw Bad(nameof(options.MemoryLimitBytes), "more than 0", Text(options.MemoryLimitBytes.Value));
        if (options.Threads < 0) throw Bad(nameof(options.Threads), "at least 0", Text(options.Threads));
    }

    /// <summary>The prior of a number of classes.</summary>
    public static double[] Prior(CodatEngineOptions options, int classes)
    {
        const double RoundingOfASum = 1e-6;
        if (options.Prior is not { } prior) return [.. Enumerable.Repeat(1.0 / classes, classes)];
        var sum = prior.Sum();
        if (prior.Count == classes && prior.All(p => p >= 0) && Math.Abs(sum - 1) <= RoundingOfASum) return [.. prior];
        throw Bad(nameof(options.Prior), $"{Text(classes)} shares of at least 0 that sum to 1",
            $"{Text(prior.Count)} that sum to {Text(sum)}");
    }

    /// <summary>A rate or radius that is set between steps.</summary>
    public static double AtLeastZero(string name, double value) =>
        value >= 0 && double.IsFinite(value) ? value : throw Bad(name, "a number of at least 0", Text(value));

    /// <summary>Without a context nothing of CUDA can be asked for.</summary>
    public static void CheckProcessor(CodatEngineOptions options)
    {
        const string Without = "nothing without a Context";
        if (options.HostStream is not null) throw Bad(nameof(options.HostStream), Without, "a stream");
        if (options.Mode != HostMode.ForkJoin) throw Bad(nameof(options.Mode), Without, $"{options.Mode}");
        if (options.Memory is not null) throw Bad(nameof(options.Memory), Without, "a device memory resource");
        if (options.Precision != PrecisionKind.Fp32)
            throw Bad(nameof(options.Precision), "fp32 on the processor", $"{options.Precision}");
    }

    /// <summary>Stream and memory must be of the context, and the stream must be one that can be worked on.</summary>
    public static void CheckCuda(CudaContext context, CodatEngineOptions options)
    {
        if (options.Memory is { } memory) CheckContext(nameof(options.Memory), memory.Context, context);
        if (options.HostStream is not { } stream)
        {
            if (options.Mode == HostMode.Adopt)
                throw Bad(nameof(options.HostStream), "the stream to adopt", "none");
            return;
        }
        CheckContext(nameof(options.HostStream), stream.Context, context);
        stream.ThrowIfRecording();
    }

    /// <summary>A network's own device has its memory and arithmetic already.</summary>
    public static void CheckTaken(Device device, CodatEngineOptions options)
    {
        const string Its = "nothing beside a Network, whose device has its own";
        if (options.Memory is not null) throw Bad(nameof(options.Memory), Its, "a device memory resource");
        if (options.MemoryLimitBytes is not null) throw Bad(nameof(options.MemoryLimitBytes), Its, "a limit");
        if (device is not CudaDevice cuda)
        {
            CheckProcessor(options);
            if (options.Context is not null)
                throw Bad(nameof(options.Context), "none: the network is on the processor", "a context");
            return;
        }
        CheckCuda(options.Context ?? cuda.Session.Context, options);
        CheckContext(nameof(options.Network), cuda.Session.Context, options.Context ?? cuda.Session.Context);
        var isHosts = options.HostStream?.DangerousHandle == cuda.Session.Stream.DangerousHandle;
        if (isHosts != (options.Mode == HostMode.Adopt))
        {
            throw Bad(nameof(options.Mode), isHosts ? "Adopt: the network is on the host's stream"
                : "ForkJoin: the network is on a stream of its own", $"{options.Mode}");
        }
    }

    private static void CheckContext(string name, CudaContext found, CudaContext expected)
    {
        if (found.DangerousHandle == expected.DangerousHandle) return;
        throw Bad(name, $"one of {CudaContextLostException.Describe(expected.DangerousHandle)}",
            $"one of {CudaContextLostException.Describe(found.DangerousHandle)}");
    }

    private static void BelowOne(string name, double value)
    {
        if (value is not (>= 0 and < 1)) throw Bad(name, "a number from 0 to below 1", Text(value));
    }

    private static CodatException Bad(string option, string expected, string found) =>
        new("this option is not allowed", option, expected, found);

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
