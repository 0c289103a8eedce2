using Codat.Native.Autograd;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Images of a data set as floats in [0,1], copied into the rows of a batch.</summary>
internal sealed class ImageSource
{
    private readonly IDataset _images;
    private readonly byte[] _pixels;
    private readonly float[] _row;
    private readonly int[] _ids;
    private readonly int[] _labels;
    private readonly float[] _batch;

    public ImageSource(IDataset images, int batch)
    {
        _images = images;
        _pixels = new byte[images.Shape.Bytes];
        _row = new float[256];
        for (var i = 0; i < 256; i++) _row[i] = i / 255f;
        (_ids, _labels, _batch) = (new int[batch], new int[batch], new float[batch * images.Shape.Bytes]);
    }

    /// <summary>The split.</summary>
    public IDataset Images => _images;

    /// <summary>The image last loaded into a row.</summary>
    public ReadOnlySpan<float> Row(int row) => _batch.AsSpan(row * _pixels.Length, _pixels.Length);

    /// <summary>The label last loaded into a row.</summary>
    public int Label(int row) => _labels[row];

    /// <summary>
    /// Loads images <paramref name="which"/> into a program; rows beyond them are padded with the first.
    /// </summary>
    public void Load(ReadOnlySpan<int> which, AttackProgram program)
    {
        Load(which, program.Clean);
        program.SampleIds.CopyFrom<int>(_ids);
        program.Labels.CopyFrom<int>(_labels);
    }

    /// <summary>
    /// Loads images <paramref name="which"/> into a tensor of as many rows as the batch has; the rest is padded alike.
    /// </summary>
    public void Load(ReadOnlySpan<int> which, Tensor images)
    {
        for (var row = 0; row < _ids.Length; row++)
        {
            var index = which[row < which.Length ? row : 0];
            _images.Read(index, _pixels);
            (_ids[row], _labels[row]) = (_images.SampleId(index), _images.Label(index));
            var image = _batch.AsSpan(row * _pixels.Length, _pixels.Length);
            for (var i = 0; i < image.Length; i++) image[i] = _row[_pixels[i]];
        }
        HostFloats.Write(images, _batch);
    }
}
