using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>The images of one batch, taken one by one by the lanes, and where what happened to them goes.</summary>
internal sealed class WalkBatch(IDataset images, float[] pixels, int[] which, AttackStage stage,
    AttackOutcome outcome, CancellationToken cancellation)
{
    private readonly int _length = images.Shape.Bytes;
    private int _next = -1;

    public bool IsCancelled => cancellation.IsCancellationRequested;

    /// <summary>Where telemetry goes; null where none is wanted.</summary>
    public AttackTelemetry? Telemetry => outcome.Telemetry;

    /// <summary>Where sums over images go; null where none are wanted, as of later restarts.</summary>
    public StepTotals? Totals => stage.Restart == 0 ? Telemetry?.Parts[stage.PartIndex] : null;

    /// <summary>The place of the next image that nobody has taken; null where there is none.</summary>
    public int? Take() => Interlocked.Increment(ref _next) is var place && place < which.Length ? place : null;

    /// <summary>Begins the walk of an image.</summary>
    public void Begin(ImageWalk walk, int place) => walk.Begin(pixels.AsSpan(place * _length, _length),
        images.Label(which[place]), images.SampleId(which[place]), stage.Restart);

    /// <summary>What is climbed, on the clean image.</summary>
    public float CleanLoss(int place) => Telemetry!.CleanLoss[which[place]]; // asked by those who trace

    /// <summary>Joins what a walk has ended with.</summary>
    public void Join(ImageWalk walk, int place)
    {
        var image = which[place];
        outcome.Predicted[image] = walk.IsBroken ? walk.Predicted : walk.Label;
        if (stage.IsFirst) outcome.Loss[image] = walk.Loss;
        if (!outcome.Correct[image]) return; // wrong when clean: the clean image decided
        outcome.Margin[image] = walk.IsBroken ? walk.Margin : Math.Min(outcome.Margin[image], walk.Margin);
        outcome.Correct[image] = !walk.IsBroken;
        if (walk.IsBroken && outcome.Step[image] == AttackOutcome.Never)
            outcome.Step[image] = stage.StepsBefore + Math.Max(1, walk.Taken);
    }

    /// <summary>Joins how far the image that was found is from the clean one.</summary>
    public void JoinFound(WalkTrace trace, int place)
    {
        if (Telemetry is not { } telemetry) return;
        var image = which[place];
        telemetry.Distance[image] = (float)trace.Distance;
        telemetry.RoundedDistance[image] = (float)trace.RoundedDistance;
        telemetry.RoundedRight[image] = trace.IsRoundedRight;
    }
}
