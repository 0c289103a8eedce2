namespace Codat.Native.Robust;

/// <summary>The epoch whose weights were selected.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Worst">Its worst-class robust accuracy on the validation split; not-a-number without one.</param>
public sealed record BestEpoch(int Epoch, double Worst);
