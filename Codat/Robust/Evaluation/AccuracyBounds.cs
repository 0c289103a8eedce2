using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>
/// What is certain about the accuracy under all attacks of a list while they run: images already broken count against
/// it, images that every attack has left right count for it, and the others may still fall either way.
/// </summary>
public sealed class AccuracyBounds
{
    private readonly IDataset _images;
    private readonly long[] _n, _broken, _safe;
    private readonly bool[] _isBroken, _isSafe;

    /// <summary>Nothing is certain yet.</summary>
    public AccuracyBounds(IDataset images)
    {
        ArgumentNullException.ThrowIfNull(images);
        _images = images;
        (_n, _broken, _safe) = (new long[images.Classes], new long[images.Classes], new long[images.Classes]);
        (_isBroken, _isSafe) = (new bool[images.Count], new bool[images.Count]);
        for (var i = 0; i < images.Count; i++) _n[images.Label(i)]++;
    }

    /// <summary>Least accuracy of each class; not-a-number without images.</summary>
    public double[] Lower => Shares(k => _safe[k]);

    /// <summary>Largest accuracy of each class; not-a-number without images.</summary>
    public double[] Upper => Shares(k => _n[k] - _broken[k]);

    /// <summary>Notes that an image is misclassified, or that no attack is left for it; what is noted stays.</summary>
    public void Note(int image, bool isRight)
    {
        if (_isBroken[image] || _isSafe[image]) return;
        var label = _images.Label(image);
        if (isRight)
        {
            _isSafe[image] = true;
            _safe[label]++;
        }
        else
        {
            _isBroken[image] = true;
            _broken[label]++;
        }
    }

    /// <summary>
    /// True or false where the statement no longer depends on what is open; null where it does, or where it is about
    /// no images.
    /// </summary>
    public bool? Decide(AccuracyClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var (low, high) = claim.Kind switch
        {
            ClaimKind.Worst => (Smallest(Lower), Smallest(Upper)),
            ClaimKind.Average => (Share(_safe.Sum()), Share(_n.Sum() - _broken.Sum())),
            _ when claim.Class < _n.Length => (Lower[claim.Class], Upper[claim.Class]),
            _ => throw new CodatException("the claim is about a class that is not there", "--until-decided",
                $"class:0 to class:{_n.Length - 1}", claim.Text),
        };
        if (claim.AtLeast) return low >= claim.Value ? true : high < claim.Value ? false : null;
        return high <= claim.Value ? true : low > claim.Value ? false : null;
    }

    private double Share(long count) => _images.Count == 0 ? double.NaN : (double)count / _images.Count;

    private double[] Shares(Func<int, long> count) =>
        [.. Enumerable.Range(0, _n.Length).Select(k => _n[k] == 0 ? double.NaN : (double)count(k) / _n[k])];

    private static double Smallest(double[] shares) =>
        shares.Where(s => !double.IsNaN(s)).DefaultIfEmpty(double.NaN).Min();
}
