using System.Text;
using Spectre.Console;

namespace Codat.Native.Cli;

/// <summary>One line of a screen: parts that no longer fit are left out, so that it never becomes two.</summary>
internal sealed class MarkupLine(int width)
{
    private readonly StringBuilder _markup = new();
    private int _left = width;

    /// <summary>Adds a part, whole or not at all.</summary>
    internal MarkupLine Add(string text, string? style = null)
    {
        if (text.Length == 0 || text.Length > _left) return this;
        _left -= text.Length;
        _markup.Append(style is null ? Markup.Escape(text) : $"[{style}]{Markup.Escape(text)}[/]");
        return this;
    }

    internal Markup ToMarkup() => new(_markup.ToString());
}
