using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>
/// The only door to a run's test images. It opens for weights that have been chosen, so nothing that trains or selects
/// can hold them.
/// </summary>
internal static class TestSplit
{
    /// <summary>Reads the test split for the final test of the chosen weights.</summary>
    /// <exception cref="CodatException">The files cannot be read; training is kept.</exception>
    public static IDataset Read(TrainOptions options, ChosenWeights chosen)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        try
        {
            var published = DatasetCatalog.Load(options.Dataset, options.Data, DatasetSplit.Test, options.Seed);
            return options.TestLimit is { } limit ? Subset.First(published, limit) : published;
        }
        catch (DatasetException e)
        {
            throw new CodatException($"the test split cannot be read: {e.What}", e.Where, e.Expected, e.Found,
                "training is complete and kept: mend the data set, then continue with --resume", isUsage: false, e);
        }
    }
}
