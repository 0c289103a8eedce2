namespace Codat.Native.Data;

/// <summary>Labelled images of one shape, as bytes.</summary>
/// <remarks>Reading is safe from several threads at once.</remarks>
public interface IDataset
{
    /// <summary>The name of the data set, as in <see cref="DatasetCatalog"/> where it has one.</summary>
    string Name { get; }

    /// <summary>Number of images.</summary>
    int Count { get; }

    /// <summary>Shape of every image.</summary>
    ImageShape Shape { get; }

    /// <summary>Number of classes; labels are 0 to this minus one.</summary>
    int Classes { get; }

    /// <summary>A name for every class, in label order.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>The label of image <paramref name="index"/>.</summary>
    int Label(int index);

    /// <summary>
    /// Copies image <paramref name="index"/> to <paramref name="pixels"/>: H x W x C bytes, channels innermost.
    /// </summary>
    void Read(int index, Span<byte> pixels);

    /// <summary>
    /// The index of this image in the published split it came from: what randomness is keyed by, so that a subset draws
    /// the same augmentation and the same attack start for an image as the whole set does.
    /// </summary>
    int SampleId(int index) => index;
}
