using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// A radius and a step of its own for each image of an attack: a table (2, R) of doubles, what the radius and what the
/// step is multiplied by, and the column of each image, int32 (N). Columns are classes, or whatever images differ by.
/// </summary>
/// <remarks>The table lies in memory, so that a captured step reads what was written since. A radius of 0 is the clean
/// image, a step of 0 leaves an image where it is.</remarks>
internal static class AttackBudget
{
    /// <summary>Whether the inputs from <paramref name="at"/> on are a table and columns for the images, or
    /// nothing.</summary>
    public static bool Fits(ReadOnlySpan<TensorType> inputs, int at, int images) => inputs.Length == at
        || (inputs.Length == at + 2 && inputs[at].Type == DType.Float64 && inputs[at].Shape.Rank == 2
            && inputs[at].Shape[0] == 2 && inputs[at + 1] == new TensorType(DType.Int32, new Shape(images)));

    /// <summary>Factors of radius and step of image <paramref name="n"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its column is not in the table.</exception>
    public static (double Radius, double Step) Of(in CpuCall call, int at, int n)
    {
        var table = call.Input<double>(at);
        var columns = table.Length / 2;
        var column = LabelRules.Label(call.Input<int>(at + 1), n, columns);
        return (table[column], table[columns + column]);
    }
}
