using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// An attack of the AutoAttack family: each image walks its own way until it is broken or the way ends.
/// </summary>
/// <remarks>
/// A lane's rows are filled with the next image as soon as one is done, and the plan shrinks with what is left, so
/// broken images cost nothing more. The walks are on the host, whatever the device of the network.
/// </remarks>
internal sealed class WalkAttack : IImageAttack
{
    private readonly Network _network;
    private readonly AttackProbe _probe;
    private readonly ImageWalk[][] _walks;
    private readonly int[][] _places;
    private readonly byte[] _bytes;
    private readonly float[] _pixels;

    public WalkAttack(Network network, WalkSpec spec, int batch)
    {
        (_network, Batch) = (network, batch);
        _probe = new AttackProbe(network, spec.Loss, batch);
        _walks = new ImageWalk[_probe.Lanes.Count][];
        _places = new int[_walks.Length][];
        for (var lane = 0; lane < _walks.Length; lane++)
        {
            _walks[lane] = new ImageWalk[_probe.Lanes[lane].Rows];
            _places[lane] = new int[_walks[lane].Length];
            for (var row = 0; row < _walks[lane].Length; row++) _walks[lane][row] = spec.Create(network.Spec);
        }
        var pixels = network.Spec.Height * network.Spec.Width * network.Spec.Channels;
        (_bytes, _pixels) = (new byte[pixels], new float[batch * pixels]);
    }

    public int Batch { get; }

    public void WeightsChanged() => _probe.WeightsChanged();

    public void Run(IDataset images, ReadOnlySpan<int> which, int restart, int stepsBefore, AttackOutcome outcome,
        CancellationToken cancellation)
    {
        for (var place = 0; place < which.Length; place++)
        {
            images.Read(which[place], _bytes);
            var pixels = _pixels.AsSpan(place * _bytes.Length, _bytes.Length);
            for (var i = 0; i < pixels.Length; i++) pixels[i] = _bytes[i] / 255f;
        }
        var work = new Work(this, images, which.ToArray(), restart, stepsBefore, outcome, cancellation);
        if (_walks.Length == 1)
        {
            work.Run(0);
        }
        else
        {
            var body = new Body { Work = work };
            Tiles.Run(((CpuDevice)_network.Device).Workers, _walks.Length, ref body); // only there are lanes
        }
        cancellation.ThrowIfCancellationRequested();
    }

    public void Dispose() => _probe.Dispose();

    private struct Body : ITileBody
    {
        public Work Work;

        public readonly void Run(int tile, int worker) => Work.Run(tile);
    }

    /// <summary>One batch, taken image by image by the lanes.</summary>
    private sealed class Work(WalkAttack attack, IDataset images, int[] which, int restart, int stepsBefore,
        AttackOutcome outcome, CancellationToken cancellation)
    {
        private int _next = -1;

        public void Run(int index)
        {
            var (lane, walks, places) = (attack._probe.Lanes[index], attack._walks[index], attack._places[index]);
            var count = 0;
            while (!cancellation.IsCancellationRequested)
            {
                while (count < walks.Length && Take() is { } place) Begin(walks[count], places[count++] = place);
                if (count == 0) return;
                for (var row = 0; row < count; row++) lane.Put(row, walks[row]);
                lane.Look(count);
                for (var row = count - 1; row >= 0; row--)
                {
                    if (!lane.Tell(row, walks[row])) continue;
                    Join(walks[row], which[places[row]]);
                    count--;
                    // The last row, which has been told already, takes the free place.
                    (walks[row], walks[count]) = (walks[count], walks[row]);
                    places[row] = places[count];
                }
            }
        }

        private int? Take() =>
            Interlocked.Increment(ref _next) is var place && place < which.Length ? place : null;

        private void Begin(ImageWalk walk, int place)
        {
            var length = attack._bytes.Length;
            walk.Begin(attack._pixels.AsSpan(place * length, length), images.Label(which[place]),
                images.SampleId(which[place]), restart);
        }

        private void Join(ImageWalk walk, int image)
        {
            var isFirst = stepsBefore == 0;
            outcome.Predicted[image] = walk.IsBroken ? walk.Predicted : walk.Label;
            if (isFirst) outcome.Loss[image] = walk.Loss;
            if (!outcome.Correct[image]) return; // wrong when clean: the clean image decided
            outcome.Margin[image] = walk.IsBroken ? walk.Margin : Math.Min(outcome.Margin[image], walk.Margin);
            outcome.Correct[image] = !walk.IsBroken;
            if (walk.IsBroken && outcome.Step[image] == AttackOutcome.Never)
                outcome.Step[image] = stepsBefore + Math.Max(1, walk.Taken);
        }
    }
}
