namespace Codat.Native.Robust;

/// <summary>Proof that training is over and <c>best</c> stands: what has to be shown to read the test split.</summary>
internal sealed class ChosenWeights
{
    private ChosenWeights(string path) => Path = path;

    /// <summary>The weight file that was chosen.</summary>
    public string Path { get; }

    /// <summary>The choice of a run that has ended.</summary>
    /// <exception cref="InvalidOperationException">The run goes on, or left no weights.</exception>
    public static ChosenWeights Of(RunFolder folder, TrainingState state)
    {
        if (state.Stopped is null) throw new InvalidOperationException("the run has not ended: nothing is chosen yet");
        if (!File.Exists(folder.BestPath)) throw new InvalidOperationException("the run left no weights to choose");
        return new ChosenWeights(folder.BestPath);
    }
}
