namespace Codat.Native.Robust;

/// <summary>A row of <c>classes.csv</c>: one class after one epoch; not-a-number where nothing was measured.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Class">The index of the class.</param>
/// <param name="Name">Its name.</param>
/// <param name="N">Its validation images.</param>
/// <param name="Clean">Its accuracy on clean images.</param>
/// <param name="Robust">Its accuracy under the validation attack.</param>
/// <param name="Low">The lower end of the 95 % interval of <paramref name="Robust"/>.</param>
/// <param name="High">The upper end.</param>
/// <param name="Risk">Its mean training risk.</param>
/// <param name="Weight">Its mean weight.</param>
public sealed record ClassRow(int Epoch, int Class, string Name, int N, double Clean, double Robust, double Low,
    double High, double Risk, double Weight);
