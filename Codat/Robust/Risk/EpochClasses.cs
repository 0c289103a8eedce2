namespace Codat.Native.Robust;

/// <summary>What the end of an epoch tells a method of the classes.</summary>
/// <param name="Epoch">Epochs done, from 1.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="Clean">Accuracy of each class on clean validation images, 0 to 1; not-a-number for one without images.
/// Empty without a validation split.</param>
/// <param name="Robust">The same under the attack of the validation.</param>
/// <param name="Losses">Class means of the step's own loss, under its own attack, on the validation images; empty
/// unless the method asked for them.</param>
internal sealed record EpochClasses(int Epoch, int Epochs, double[] Clean, double[] Robust, double[] Losses)
{
    /// <summary>The epoch that a share of the run ends with, at least the first.</summary>
    public int After(double share) => Math.Max(1, (int)Math.Round(share * Epochs));
}
