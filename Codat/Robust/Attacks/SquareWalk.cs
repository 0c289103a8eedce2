using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Square: random changes of square windows, kept where they lower the margin; no gradients. Andriushchenko et al. 2020
/// (arXiv 1912.00049), algorithms 1 to 3, with the share of pixels not rescaled to the number of queries, as in
/// AutoAttack.
/// </summary>
/// <remarks>
/// Every image draws its own windows and signs, and windows reach the last row and column; in the authors' code a batch
/// shares them and the last row and column are left out.
/// </remarks>
internal sealed class SquareWalk : ImageWalk
{
    private const double FirstShare = 0.8;

    private static readonly int[] s_halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

    private readonly float[] _best;
    private readonly SquarePattern _pattern;
    private readonly int _height, _width, _channels;
    private int _query;
    private float _bestMargin;

    public SquareWalk(WalkSpec spec, NetworkSpec network)
        : base(spec, network)
    {
        (_height, _width, _channels) = (network.Height, network.Width, network.Channels);
        _best = new float[Pixels];
        _pattern = new SquarePattern(_height, _width, _channels);
    }

    protected override void Start()
    {
        (_query, _bestMargin) = (0, float.PositiveInfinity);
        var draws = Draws(0);
        if (Spec.Norm == Norm.Linf) Stripes(ref draws);
        else Tiles(ref draws);
    }

    protected override bool Advance(
        ReadOnlySpan<float> logits, int predicted, float loss, ReadOnlySpan<float> gradient)
    {
        var margin = MarginOf(logits, Label);
        if (_query == 0 || margin < _bestMargin)
        {
            _bestMargin = margin;
            Point.CopyTo(_best, 0);
        }
        if (_query == Spec.Iterations) return true;
        _best.CopyTo(Point, 0);
        var draws = Draws(_query + 1);
        if (Spec.Norm == Norm.Linf) ChangeLinf(_query, ref draws);
        else ChangeL2(_query, ref draws);
        _query++;
        Taken++;
        return false;
    }

    /// <summary>Share of pixels that a query changes.</summary>
    internal static double Share(int query)
    {
        var share = FirstShare;
        foreach (var limit in s_halvings)
            if (query > limit) share /= 2;
        return share;
    }

    private SquareDraws Draws(int step) => new(Spec.Seed, SampleId, Restart, step);

    /// <summary>Vertical stripes of the whole radius.</summary>
    private void Stripes(ref SquareDraws draws)
    {
        var eps = (float)Spec.Epsilon;
        for (var x = 0; x < _width; x++)
            for (var c = 0; c < _channels; c++)
            {
                var change = draws.Sign() * eps;
                for (var y = 0; y < _height; y++)
                {
                    var i = (y * _width + x) * _channels + c;
                    Point[i] = Clean[i] + change;
                }
            }
        Ball.Project(Point);
    }

    private void ChangeLinf(int query, ref SquareDraws draws)
    {
        var side = (int)Math.Round(Math.Sqrt(Share(query) * _height * _width));
        side = Math.Clamp(side, 1, Math.Min(_height, _width));
        var (top, left) = (draws.Below(_height - side + 1), draws.Below(_width - side + 1));
        for (var c = 0; c < _channels; c++)
        {
            // Twice the radius from anywhere in the ball ends at its edge.
            var change = draws.Sign() * (float)(2 * Spec.Epsilon);
            for (var y = top; y < top + side; y++)
                for (var x = left; x < left + side; x++) Point[(y * _width + x) * _channels + c] += change;
        }
        Ball.Project(Point);
    }

    /// <summary>Five by five tiles of the two-lobed pattern, scaled to the whole radius.</summary>
    private void Tiles(ref SquareDraws draws)
    {
        Array.Clear(Point);
        var side = Math.Max(_height / 5, 1);
        var margin = Math.Max((_height - side * 5) / 2, 0);
        for (var top = margin; top + side <= _height; top += side)
            for (var left = margin; left + side <= _width; left += side)
            {
                _pattern.Draw(side, draws.Sign() > 0);
                for (var c = 0; c < _channels; c++) _pattern.Add(Point, top, left, c, draws.Sign());
            }
        FromChange();
    }

    private void ChangeL2(int query, ref SquareDraws draws)
    {
        var side = Math.Max((int)Math.Round(Math.Sqrt(Share(query) * _height * _width)), 3) | 1;
        side = Math.Min(side, Math.Min(_height, _width));
        var (top, left) = (draws.Below(_height - side + 1), draws.Below(_width - side + 1));
        var (otherTop, otherLeft) = (draws.Below(_height - side + 1), draws.Below(_width - side + 1));
        _pattern.Draw(side, draws.Sign() > 0);
        for (var i = 0; i < Point.Length; i++) Point[i] -= Clean[i];
        double square = 0;
        foreach (var v in Point) square += (double)v * v;
        var spare = Math.Max(Spec.Epsilon * Spec.Epsilon - square, 0) / _channels;
        for (var c = 0; c < _channels; c++)
            _pattern.Move(Point, (top, left), (otherTop, otherLeft), c, draws.Sign(), spare);
        FromChange();
    }

    /// <summary>The point from a change of any length.</summary>
    private void FromChange()
    {
        Ball.ToEdge(Point);
        for (var i = 0; i < Point.Length; i++) Point[i] += Clean[i];
        Ball.Project(Point);
    }
}
