using System.Globalization;

namespace Codat.Native.Data;

/// <summary>How many images to set aside: none, a share of them, or a count.</summary>
public readonly record struct SplitSize
{
    private SplitSize(double? share, int? count)
    {
        Share = share;
        Count = count;
    }

    /// <summary>Nothing is set aside.</summary>
    public static SplitSize None => default;

    /// <summary>The share, between 0 and 1 exclusive, or null.</summary>
    public double? Share { get; }

    /// <summary>The count, at least 1, or null.</summary>
    public int? Count { get; }

    /// <summary>A share of the images, between 0 and 1 exclusive.</summary>
    public static SplitSize OfShare(double share) => share is > 0 and < 1
        ? new SplitSize(share, null)
        : throw new ArgumentOutOfRangeException(nameof(share), share, "A share lies between 0 and 1.");

    /// <summary>A number of images, at least 1.</summary>
    public static SplitSize OfCount(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new SplitSize(null, count);
    }

    /// <summary>Reads <c>10%</c>, a count, or <c>none</c>.</summary>
    /// <exception cref="DatasetException">The text is none of these.</exception>
    public static SplitSize Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "none") return None;
        if (text.EndsWith('%'))
        {
            if (double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out double percent) && percent is > 0 and < 100)
                return OfShare(percent / 100);
        }
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)
        {
            return OfCount(count);
        }

        throw new DatasetException("the size of the validation split cannot be read", "--val",
            "10%, a count above 0, or none", text);
    }

    /// <summary>The number of images out of <paramref name="total"/>; a share is rounded to nearest.</summary>
    public int Of(int total) => Count ?? (int)Math.Round((Share ?? 0) * total, MidpointRounding.AwayFromZero);

    /// <summary>The text <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        Count?.ToString(CultureInfo.InvariantCulture)
        ?? (Share is { } share ? (share * 100).ToString("R", CultureInfo.InvariantCulture) + "%" : "none");
}
