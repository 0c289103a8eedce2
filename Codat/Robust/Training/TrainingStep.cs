namespace Codat.Native.Robust;

/// <summary>One step, as an observer sees it.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Steps made since the start of the run.</param>
/// <param name="Loss">The loss of the step; not-a-number where it is not known on the host yet.</param>
/// <param name="Lr">The learning rate.</param>
public readonly record struct TrainingStep(int Epoch, long Step, double Loss, double Lr);
