namespace Codat.Native.Robust;

/// <summary>The steps of an attack as points of a curve: each step its own where they are few, else so many share
/// one.</summary>
/// <param name="Steps">Steps of the attack; what is looked at before the first and after the last makes Steps + 1
/// places.</param>
/// <param name="Classes">Classes, each of which has a curve: many classes share the points there are.</param>
internal readonly record struct StepAxis(int Steps, int Classes)
{
    // What is kept and printed stays small whatever the attack; PGD-100 on ten classes has each step of its own.
    private const int MostPoints = 128, PointsOfAllClasses = 2048, LeastPoints = 16;

    /// <summary>Places that share a point.</summary>
    public int Width => Steps / Math.Clamp(PointsOfAllClasses / Classes, LeastPoints, MostPoints) + 1;

    /// <summary>Points of the curve.</summary>
    public int Points => Steps / Width + 1;

    /// <summary>The point of a step.</summary>
    public int PointOf(int step) => Math.Clamp(step, 0, Steps) / Width;

    /// <summary>The first step of a point.</summary>
    public int StepOf(int point) => point * Width;
}
