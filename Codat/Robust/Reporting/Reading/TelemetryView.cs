namespace Codat.Native.Robust;

/// <summary>What one part of an attack saw on its way; shares are fractions from 0 to 1.</summary>
internal sealed record TelemetryView(string Part, double[] Steps, CurvesView All,
    IReadOnlyList<(int Class, CurvesView Curves)> PerClass);

/// <summary>One value for each step; empty where the attack has no such thing.</summary>
internal sealed record CurvesView
{
    public required double[] LossGain { get; init; }
    public required double[] FirstSuccess { get; init; }
    public required double[] AtBound { get; init; }
    public required double[] ZeroGradients { get; init; }
    public required double[] BadGradients { get; init; }
    public required double[] SignFlips { get; init; }
}

/// <summary>How far the images an attack ended with are from the clean ones.</summary>
internal sealed record ChangeView(double Most, double MostRounded, double Outside, double Broken, double BrokenRounded);
