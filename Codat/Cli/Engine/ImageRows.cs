using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Feeds rows of an array of images to a program, padding the last batch with its first row.</summary>
internal sealed class ImageRows(AttackProgram program, float[] images)
{
    private readonly int _run = images.Length == 0 ? 0 : checked((int)(program.Clean.Shape.Count / program.Batch));
    private readonly float[] _batch = new float[program.Clean.Shape.Count];
    private readonly int[] _ids = new int[program.Batch];
    private readonly int[] _labels = new int[program.Batch];

    /// <summary>Loads the rows from <paramref name="start"/> on; returns how many are real.</summary>
    public int Load(int start, int count, int[]? labels)
    {
        var n = Math.Min(program.Batch, count - start);
        for (var row = 0; row < program.Batch; row++)
        {
            var index = row < n ? start + row : start;
            images.AsSpan(index * _run, _run).CopyTo(_batch.AsSpan(row * _run));
            _ids[row] = index;
            _labels[row] = labels?[index] ?? 0;
        }
        program.Clean.CopyFrom<float>(_batch);
        program.SampleIds.CopyFrom<int>(_ids);
        program.Labels.CopyFrom<int>(_labels);
        return n;
    }

    /// <summary>Replaces the first iterate by given images.</summary>
    public void Start(float[] starts, int start, int count)
    {
        for (var row = 0; row < program.Batch; row++)
        {
            var index = row < Math.Min(program.Batch, count - start) ? start + row : start;
            starts.AsSpan(index * _run, _run).CopyTo(_batch.AsSpan(row * _run));
        }
        program.Iterate.CopyFrom<float>(_batch);
    }
}
