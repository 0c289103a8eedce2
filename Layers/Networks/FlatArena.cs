using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>Lays named tensors into one flat tensor, each aligned, so that one kernel serves them all.</summary>
internal static class FlatArena
{
    private const int AlignmentElements = 64;

    /// <summary>Allocates the arena and places the tensors as views; null for none.</summary>
    public static Tensor? Allocate(
        Device device, DType type, string name, IReadOnlyList<(string Name, Parameter Parameter)> parts)
    {
        if (parts.Count == 0) return null;
        var arena = device.Allocate(type, new Shape(Length(parts)), name);
        foreach (var (part, view) in Views(arena, parts)) part.Place(view);
        return arena;
    }

    /// <summary>Views of another arena of the same layout, one for each part: gradients, averages.</summary>
    public static IEnumerable<(Parameter Part, Tensor View)> Views(
        Tensor arena, IReadOnlyList<(string Name, Parameter Parameter)> parts)
    {
        long offset = 0;
        foreach (var (name, part) in parts)
        {
            yield return (part, arena.View(offset, part.Shape, name));
            offset += Align(part.Shape.Count);
        }
    }

    private static int Length(IReadOnlyList<(string Name, Parameter Parameter)> parts) =>
        checked((int)parts.Sum(p => Align(p.Parameter.Shape.Count)));

    private static long Align(long elements) =>
        (elements + AlignmentElements - 1) / AlignmentElements * AlignmentElements;
}
