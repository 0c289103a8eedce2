using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>
/// Says once that a network has come to put every image into one class. Any network may do so for an epoch; one that
/// still does after the second has most often been thrown off by a learning rate too large for it.
/// </summary>
/// <param name="classNames">Names of the classes.</param>
/// <param name="lr">The full learning rate of the run.</param>
internal sealed class GuessingNote(IReadOnlyList<string> classNames, double lr)
{
    private bool _said;

    /// <summary>The sentence, where it is due; else null.</summary>
    /// <param name="epoch">The epoch that ended, from 1.</param>
    /// <param name="clean">Accuracies on clean validation images, or null.</param>
    public string? After(int epoch, AccuracySummary? clean)
    {
        if (_said || epoch < 2 || clean is null) return null;
        int only = OnlyClass(clean.PerClass);
        if (only < 0) return null;
        _said = true;
        string rate = lr.ToString(CultureInfo.InvariantCulture);
        return $"after {epoch} epochs every validation image is put into one class ({classNames[only]}): the network "
            + $"guesses; if it does not leave that, give a lower --lr (now {rate})";
    }

    // All of one class right and none of any other; classes without images (not-a-number) say nothing.
    private static int OnlyClass(double[] accuracies)
    {
        int only = -1, others = 0;
        for (int k = 0; k < accuracies.Length; k++)
        {
            if (accuracies[k] == 1 && only < 0) only = k;
            else if (accuracies[k] == 0) others++;
            else if (!double.IsNaN(accuracies[k])) return -1;
        }
        return others > 0 ? only : -1;
    }
}
