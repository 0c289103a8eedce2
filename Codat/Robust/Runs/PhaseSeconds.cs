namespace Codat.Native.Robust;

/// <summary>Where the seconds of an epoch went.</summary>
/// <param name="Data">Waiting for batches.</param>
/// <param name="Attack">Looking for adversarial images.</param>
/// <param name="Update">Updating the network.</param>
/// <param name="Eval">Evaluating on the validation split.</param>
public readonly record struct PhaseSeconds(double Data, double Attack, double Update, double Eval);
