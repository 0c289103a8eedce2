namespace Codat.Native.Robust;

/// <summary>One part of a whole.</summary>
internal sealed record StackPart(string Name, double Value, string Tone, string Text);

/// <summary>One bar cut into its parts.</summary>
internal static class StackedBar
{
    private const double Width = 1104;
    private const double Height = 30;

    /// <summary>The figure; parts without a positive value are left out.</summary>
    public static Html Render(IReadOnlyList<StackPart> parts, string title, string description)
    {
        var canvas = new SvgCanvas(Width, Height, title, description);
        var total = parts.Sum(part => Math.Max(0, double.IsFinite(part.Value) ? part.Value : 0));
        var x = 0.0;
        foreach (var part in parts)
        {
            if (!(part.Value > 0) || !double.IsFinite(part.Value)) continue;
            var width = part.Value / total * Width;
            canvas.BeginGroup(part.Tone);
            canvas.Rect(x + 1, 0, Math.Max(width - 2, 1), Height, "bar", part.Name + ": " + part.Text, radius: 2);
            canvas.EndGroup();
            x += width;
        }
        return canvas.ToHtml(stretch: true);
    }
}
