using System.Runtime.CompilerServices;

namespace Codat.Native.Robust;

/// <summary>Markup that is safe to put into the page as it is.</summary>
internal readonly record struct Html(string Markup)
{
    /// <summary>No markup.</summary>
    public static Html Empty { get; } = new("");

    /// <summary>Markup from an interpolated literal; every hole that is not markup itself is escaped.</summary>
    public static Html Of(ref HtmlInterpolation fragment) => fragment.ToHtml();

    /// <summary>Text from anywhere, as markup.</summary>
    public static Html Text(string? text) => Of($"{text}");

    /// <summary>Fragments one after the other.</summary>
    public static Html Join(IEnumerable<Html> parts, string separator = "") =>
        new(string.Join(separator, parts.Select(part => part.Markup ?? "")));

    /// <inheritdoc/>
    public override string ToString() => Markup ?? "";
}

/// <summary>Markup being written; only literals and <see cref="Html"/> go in as they are, text never does.</summary>
internal sealed class HtmlBuilder
{
    internal System.Text.StringBuilder Buffer { get; } = new();

    /// <summary>Appends an interpolated literal; every hole that is not markup itself is escaped.</summary>
    public HtmlBuilder Add([InterpolatedStringHandlerArgument("")] ref HtmlInterpolation fragment)
    {
        _ = fragment;
        return this;
    }

    /// <summary>Appends markup.</summary>
    public HtmlBuilder Add(Html markup)
    {
        Buffer.Append(markup.Markup);
        return this;
    }

    /// <summary>What has been written.</summary>
    public Html ToHtml() => new(Buffer.ToString());
}
