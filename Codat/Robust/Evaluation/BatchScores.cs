using Codat.Native.Autograd;

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
        Read(program.Loss, Loss);
        Read(program.Rivalry, _rivalry);
    }

    private static void Read(Tensor from, float[] to)
    {
        if (from.Type == DType.Float32) from.CopyTo<float>(to);
        else Array.ConvertAll(from.ToArray<double>(), v => (float)v).CopyTo(to, 0);
    }
}
