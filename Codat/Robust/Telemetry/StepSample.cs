namespace Codat.Native.Robust;

/// <summary>What was seen of one image at one step.</summary>
/// <param name="Gain">The loss there minus that of the clean image; not-a-number where it is not defined.</param>
/// <param name="AtBound">Values at the bound of the ball, -1 where that is not defined.</param>
/// <param name="Zeros">Values of the gradient that are zero, -1 without a gradient.</param>
/// <param name="NonFinite">Values of the gradient that are no finite numbers.</param>
/// <param name="Flips">Values of the gradient whose sign changed, -1 where there was none before.</param>
internal readonly record struct StepSample(double Gain, int AtBound, int Zeros, int NonFinite, int Flips);
