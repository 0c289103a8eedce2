using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>The walks that share the plans of one lane.</summary>
internal sealed class WalkLane
{
    private readonly ProbeLane _lane;
    private readonly Row[] _rows;
    private readonly StepTotals? _totals;

    public WalkLane(ProbeLane lane, WalkSpec spec, NetworkSpec network, bool isTraced)
    {
        _lane = lane;
        _rows = new Row[lane.Rows];
        for (var i = 0; i < _rows.Length; i++)
            _rows[i] = new Row(spec.Create(network), isTraced ? new WalkTrace(spec, network) : null);
        var pixels = network.Height * network.Width * network.Channels;
        if (isTraced) _totals = new StepTotals(network.Classes, spec.Iterations * Math.Max(1, spec.Targets), pixels);
    }

    /// <summary>Takes images from a batch until none is left.</summary>
    public void Run(WalkBatch batch)
    {
        var count = 0;
        while (!batch.IsCancelled)
        {
            while (count < _rows.Length && batch.Take() is { } place) Begin(_rows[count++], batch, place);
            if (count == 0) return;
            for (var row = 0; row < count; row++) _lane.Put(row, _rows[row].Walk);
            _lane.Look(count);
            for (var row = count - 1; row >= 0; row--)
            {
                if (!Tell(row, batch)) continue;
                count--;
                // The last row, which has been told already, takes the free place.
                (_rows[row], _rows[count]) = (_rows[count], _rows[row]);
            }
        }
    }

    /// <summary>Hands over what was summed up; called when no lane runs.</summary>
    public void GiveTotals(WalkBatch batch)
    {
        if (_totals is not null) batch.Totals?.Take(_totals);
    }

    private static void Begin(Row row, WalkBatch batch, int place)
    {
        row.Place = place;
        batch.Begin(row.Walk, place);
        if (batch.Telemetry is not null) row.Trace?.Begin(batch.CleanLoss(place));
    }

    /// <summary>Tells a row what was seen; true where it is done with.</summary>
    private bool Tell(int index, WalkBatch batch)
    {
        var (row, walk) = (_rows[index], _rows[index].Walk);
        if (row.Trace is not { } trace || batch.Telemetry is null)
        {
            if (!_lane.Tell(index, walk)) return false;
            batch.Join(walk, row.Place);
            return true;
        }
        if (trace.IsRounding)
        {
            trace.LookRounded(walk, _lane.Logits(index));
            batch.JoinFound(trace, row.Place);
            return true;
        }
        trace.Look(walk, _lane.Gradient(index));
        var hasEnded = _lane.Tell(index, walk);
        if (batch.Totals is not null) trace.Add(walk, _totals!); // made where there are traces
        if (!hasEnded) return false;
        batch.Join(walk, row.Place);
        if (walk.IsBroken) trace.Round(walk);
        return !walk.IsBroken;
    }

    private sealed class Row(ImageWalk walk, WalkTrace? trace)
    {
        public ImageWalk Walk { get; } = walk;

        public WalkTrace? Trace { get; } = trace;

        /// <summary>The place in the batch of the image that walks.</summary>
        public int Place { get; set; }
    }
}
