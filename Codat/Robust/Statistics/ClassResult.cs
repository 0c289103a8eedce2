namespace Codat.Native.Robust;

/// <summary>One class's row of an evaluation.</summary>
/// <param name="Class">Class index.</param>
/// <param name="Name">Class name.</param>
/// <param name="N">Images of the class.</param>
/// <param name="Correct">Images still classified right.</param>
/// <param name="Accuracy">Correct/N, a fraction; not-a-number for N = 0.</param>
/// <param name="Low">Lower end of the Wilson 95 % interval; not-a-number for N = 0.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="Risk">Mean cross-entropy over all images of the class; not-a-number where not known.</param>
public sealed record ClassResult(
    int Class, string Name, long N, long Correct, double Accuracy, double Low, double High, double Risk);
