using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>Small engines and batches by number, the same for every device.</summary>
internal static class EngineSetup
{
    public const int Side = 8, Channels = 3, Batch = 6, Classes = 3;
    public const int Values = Batch * Side * Side * Channels;

    public static AttackSpec Pgd { get; } = new(Norm.Linf, 0.1, 0.04, 3, AttackStart.Uniform);

    public static CodatEngineOptions Options(string model = "small-cnn") => new()
    {
        Spec = new NetworkSpec(model, Side, Side, Channels, Classes), Batch = Batch, Threads = 1, Seed = 9,
        Threat = new ThreatModel(Norm.Linf, Magnitude.Of(0.1), Magnitude.Of(0.02), 2, AttackStart.Uniform),
        Eta = 0.5, LearningRate = 0.05, KernelCacheFolder = CudaTestDevice.KernelCacheFolder,
    };

    public static byte[] Bytes(int number)
    {
        var pixels = new byte[Values];
        new Random(number + 1).NextBytes(pixels);
        return pixels;
    }

    public static float[] Floats(int number) => Array.ConvertAll(Bytes(number), p => p / 255f);

    public static int[] Labels(int number) => [0, 1, 2, 0, 1, number % Classes];

    public static long[] WideLabels(int number) => Array.ConvertAll(Labels(number), l => (long)l);

    public static int[] Ids(int number) => [number, 70, 3, 100 + number, 5, 6];

    /// <summary>(N,H,W,C) to (N,C,H,W).</summary>
    public static T[] Planar<T>(T[] images)
    {
        var planar = new T[images.Length];
        const int Pixels = Side * Side;
        for (var n = 0; n < Batch; n++)
            for (var p = 0; p < Pixels; p++)
                for (var c = 0; c < Channels; c++)
                    planar[(n * Channels + c) * Pixels + p] = images[(n * Pixels + p) * Channels + c];
        return planar;
    }

    public static HostBatch Host(int number) =>
        HostBatch.Of(Bytes(number), Labels(number)) with { SampleIds = Ids(number), Epoch = number / 3 };

    /// <summary>Weights after steps on host batches 0, 1, ...</summary>
    public static float[] Train(CodatEngine engine, int steps)
    {
        for (var i = 0; i < steps; i++) engine.Step(Host(i));
        return engine.Network.Weights.ToArray<float>();
    }
}
