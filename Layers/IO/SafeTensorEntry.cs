namespace Codat.Native.Layers;

/// <summary>One tensor of a safetensors file: what it is and where its bytes lie.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a scalar.</param>
/// <param name="Elements">The product of the dimensions.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="Bytes">Number of bytes.</param>
public sealed record SafeTensorEntry(
    string Name, SafeTensorType Type, IReadOnlyList<long> Shape, long Elements, long Begin, long Bytes)
{
    /// <summary>The shape as text, as in "[16, 3, 3, 3]".</summary>
    public string ShapeText => "[" + string.Join(", ", Shape) + "]";
}
