namespace Codat.Native.Robust;

/// <summary>What a scored batch says of each row, on the host.</summary>
internal sealed class BatchScores(AttackProgram program)
{
    private readonly float[] _rivalry = new float[program.Batch];

    public int[] Predicted { get; } = new int[program.Batch];

    public float[] Loss { get; } = new float[program.Batch];

    public int[] FirstSuccess { get; } = new int[program.Batch];

    /// <summary>The label's logit minus the largest other one.</summary>
    public float Margin(int row) => -_rivalry[row];

    public void Read()
    {
        program.Predicted.CopyTo<int>(Predicted);
        program.FirstSuccess.CopyTo<int>(FirstSuccess);
        HostFloats.Read(program.Loss, Loss);
        HostFloats.Read(program.Rivalry, _rivalry);
    }
}
