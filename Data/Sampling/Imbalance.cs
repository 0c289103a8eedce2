using System.Globalization;

namespace Codat.Native.Data;

/// <summary>Which share of each class's training images is kept, to make a data set uneven on purpose.</summary>
public sealed class Imbalance
{
    private readonly double? _ratio;
    private readonly SortedDictionary<int, double> _keep = [];

    private Imbalance(double? ratio) => _ratio = ratio;

    /// <summary>The imbalance of a ratio, of stated shares, or of both, which multiply; null for neither.</summary>
    /// <param name="ratio">Class k of K keeps r^(k/(K-1)) of its images, 0 &lt; r &lt;= 1; or null.</param>
    /// <param name="keep">Shares from 0 to 1 by class index; or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A ratio, class or share is out of its range.</exception>
    public static Imbalance? Of(double? ratio, IReadOnlyDictionary<int, double>? keep)
    {
        if (ratio is null && keep is null) return null;
        if (ratio is not (null or > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "A ratio is above 0 and at most 1.");
        var result = new Imbalance(ratio);
        if (keep is null) return result;
        foreach ((int k, double share) in keep)
        {
            if (k < 0 || share is not (>= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(keep), share, "A share to keep lies from 0 to 1.");
            result._keep.Add(k, share);
        }

        return result;
    }

    /// <summary>
    /// Reads the values of <c>--imbalance exp:r</c> and <c>--keep k=share,...</c>; null where both are null.
    /// </summary>
    /// <param name="imbalance"><c>exp:r</c>, 0 &lt; r &lt;= 1: class k of K keeps r^(k/(K-1)) of its images; or
    /// null.</param>
    /// <param name="keep">Shares from 0 to 1 by class index, separated by commas; or null. Both given multiply.</param>
    /// <exception cref="DatasetException">A value cannot be read.</exception>
    public static Imbalance? Parse(string? imbalance, string? keep)
    {
        if (imbalance is null && keep is null) return null;
        var result = new Imbalance(imbalance is null ? null : ParseRatio(imbalance));
        foreach (string part in keep?.Split(',') ?? [])
        {
            string[] sides = part.Split('=');
            if (sides.Length != 2
                || !int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int k)
                || !TryParseShare(sides[1], out double share) || !result._keep.TryAdd(k, share))
                throw new DatasetException("a share to keep cannot be read", "--keep",
                    "CLASS=SHARE,... with each class once and shares from 0 to 1", part);
        }

        return result;
    }

    /// <summary>The share class <paramref name="k"/> of <paramref name="classes"/> keeps.</summary>
    public double Share(int k, int classes)
    {
        double share = _ratio is { } ratio && classes > 1 ? Math.Pow(ratio, (double)k / (classes - 1)) : 1;
        return _keep.TryGetValue(k, out double kept) ? share * kept : share;
    }

    /// <summary>
    /// Number of images class <paramref name="k"/> keeps of <paramref name="count"/>: the whole part of the product.
    /// </summary>
    public int CountKept(int k, int classes, int count)
    {
        // A product that is a whole number but for rounding must not lose one.
        const double Slack = 1e-9;
        return (int)Math.Min(count, Math.Floor(count * Share(k, classes) + Slack));
    }

    internal void CheckClasses(int classes)
    {
        foreach (int k in _keep.Keys)
            if (k >= classes)
                throw new DatasetException("there is no such class", "--keep",
                    string.Create(CultureInfo.InvariantCulture, $"0 to {classes - 1}"), DataFile.Number(k));
    }

    private static double ParseRatio(string text) =>
        text.StartsWith("exp:", StringComparison.Ordinal) && TryParseShare(text[4..], out double ratio) && ratio > 0
            ? ratio
            : throw new DatasetException("the imbalance cannot be read", "--imbalance", "exp:R with 0 < R <= 1", text);

    private static bool TryParseShare(string text, out double share) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out share) && share is >= 0 and <= 1;
}
