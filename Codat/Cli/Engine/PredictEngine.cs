using System.Text.Json.Nodes;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Logits for arrays on disk.</summary>
internal static class PredictEngine
{
    public static JsonObject Run(PredictOptions options, IProgressView view, CancellationToken cancellation)
    {
        using var checkpoint = Checkpoint.Open(options, view);
        var spec = checkpoint.Network.Spec;
        var (images, count) = ArrayFiles.ReadImages(options.Input, spec);
        var labels = options.Labels is null ? null : ArrayFiles.ReadLabels(options.Labels, count, spec.Classes);
        var logits = new float[count * spec.Classes];
        var correct = 0;
        var batch = PhysicalBatch.Of(checkpoint.Network.Device, options.Batch, count);
        using var program = new AttackProgram(checkpoint.Network, null, batch, options.Seed);
        var rows = new ImageRows(program, images);
        for (var start = 0; start < count; start += batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var n = rows.Load(start, count, labels);
            program.Score();
            program.Logits.ToArray<float>().AsSpan(0, n * spec.Classes).CopyTo(logits.AsSpan(start * spec.Classes));
            var predicted = program.Predicted.ToArray<int>();
            for (var i = 0; labels is not null && i < n; i++) correct += predicted[i] == labels[start + i] ? 1 : 0;
            view.Progress("predict", start + n, count);
        }
        AtomicFile.Write(options.Out, stream => Npy.Write<float>(stream, logits, count, spec.Classes));
        var result = new JsonObject
        {
            ["n"] = count, ["classes"] = spec.Classes, ["out"] = Path.GetFullPath(options.Out),
        };
        if (labels is not null) result["accuracy"] = (double)correct / count;
        return result;
    }
}
