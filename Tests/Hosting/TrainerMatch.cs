using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>A session as <c>codat train</c> runs it beside an engine that is fed the same batches.</summary>
internal static class TrainerMatch
{
    /// <summary>Weights of both after some steps.</summary>
    public static (float[] Trainer, float[] Engine) Run(TrainOptions options, Device device, int steps,
        Func<CodatEngineOptions, CodatEngineOptions> place, Action<CodatEngine, BatchSlot> step)
    {
        var data = TrainingData.Load(options);
        using var session = new TrainingSession(options, data, device);
        using var engine = CodatEngine.Create(place(Of(options, data)));
        using var loader = new BatchLoader(new BatchLoaderOptions
        {
            Dataset = data.Train, Sampler = new BatchSampler(data.Train.Count, options.Batch, options.Seed),
            Seed = options.Seed, EndEpoch = options.Epochs, Augment = AugmentRecipe.None,
        });
        for (var i = 0; i < steps; i++)
        {
            session.Advance(CancellationToken.None);
            session.ReadNext();
            engine.LearningRate = session.LearningRate;
            var slot = loader.Next()!; // there are more batches than steps
            step(engine, slot);
            loader.Return(slot);
        }
        return (session.Network.Weights.ToArray<float>(), engine.Network.Weights.ToArray<float>());
    }

    private static CodatEngineOptions Of(TrainOptions o, TrainingData data) => new()
    {
        Spec = data.NetworkSpec(), Batch = o.Batch, Loss = o.Loss, Beta = o.Beta, Eta = o.Eta, Prior = data.Prior,
        ClassWeights = TrainingSession.SpecOf(o).ClassWeights, Threat = o.Threat, AttackBatchNorm = o.AttackBn,
        Momentum = o.Momentum, Nesterov = o.Nesterov, WeightDecay = o.WeightDecay, LabelSmoothing = o.LabelSmoothing,
        Precision = o.Precision, Seed = o.Seed, Threads = 1, KernelCacheFolder = CudaTestDevice.KernelCacheFolder,
    };
}
