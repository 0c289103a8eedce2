namespace Codat.Native.Robust;

/// <summary>Images before and after an attack, height x width x channels each.</summary>
internal sealed record ExampleSet(int Height, int Width, int Channels, string EpsText, string Norm, string Attack,
    IReadOnlyList<ExampleView> Items);

/// <summary>One image: its clean bytes, its attacked values in [0,1], and what the network said of both.</summary>
internal sealed record ExampleView(long Index, int Class, string Name, byte[] Clean, float[] Attacked,
    int CleanPrediction, int AttackedPrediction);
