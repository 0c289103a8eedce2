namespace Codat.Native.Data;

/// <summary>
/// Which images make up which batch; a function of epoch and batch number, so any point can be gone back to.
/// </summary>
public interface IBatchSampler
{
    /// <summary>Most images in a batch.</summary>
    int BatchSize { get; }

    /// <summary>Batches in every epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>Writes the positions of a batch and returns how many there are.</summary>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="batch">Batch within the epoch, from 0.</param>
    /// <param name="positions">Room for <see cref="BatchSize"/> positions.</param>
    int Fill(int epoch, int batch, Span<int> positions);

    /// <summary>What the random numbers of a row depend on besides seed and epoch: the sample's id, or, where a sample
    /// can come twice in an epoch, a number of the row's own.</summary>
    /// <param name="batch">Batch within the epoch, from 0.</param>
    /// <param name="row">Place in the batch, from 0.</param>
    /// <param name="sampleId">The sample's id.</param>
    int DrawId(int batch, int row, int sampleId) => sampleId;
}
