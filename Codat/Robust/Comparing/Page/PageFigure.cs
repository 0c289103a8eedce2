namespace Codat.Native.Robust;

/// <summary>A figure of the page and the file it goes to.</summary>
/// <param name="Name">The file without folder and ending.</param>
/// <param name="Svg">The figure as the page has it.</param>
/// <param name="Legend">What its colours stand for, where it does not say so itself.</param>
internal sealed record PageFigure(string Name, Html Svg, IReadOnlyList<(string Tone, string Name)> Legend);
