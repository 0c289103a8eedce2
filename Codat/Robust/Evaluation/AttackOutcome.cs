namespace Codat.Native.Robust;

/// <summary>What one attack did to each image of a split.</summary>
public sealed class AttackOutcome
{
    internal AttackOutcome(int images)
    {
        Correct = new bool[images];
        Predicted = new int[images];
        Loss = new float[images];
    }

    /// <summary>Right on the clean image and at the last iterate of every restart.</summary>
    public bool[] Correct { get; }

    /// <summary>
    /// The class seen at the last iterate that mattered: of the restart that broke the image, else of the last one.
    /// </summary>
    public int[] Predicted { get; }

    /// <summary>
    /// Cross-entropy at the last iterate of the first restart; on the clean image where it was not attacked.
    /// </summary>
    public float[] Loss { get; }
}
