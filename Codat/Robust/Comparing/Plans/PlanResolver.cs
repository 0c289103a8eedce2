using System.Globalization;
using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Makes complete runs of a plan: every method with every seed.</summary>
internal static class PlanResolver
{
    /// <summary>
    /// The runs, seed by seed, within a seed in file order: what is finished first can be compared already.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="folder">The folder of the comparison.</param>
    /// <param name="device">The device instead of the plan's, or null.</param>
    /// <param name="threads">The threads instead of the plan's, or null.</param>
    /// <param name="shapeOf">The image shape of a data set whose name does not tell it.</param>
    /// <exception cref="CodatException">A setting is not allowed.</exception>
    public static IReadOnlyList<PlannedRun> Resolve(ComparePlan plan, string folder, DeviceSpec? device, int? threads,
        Func<string, string?, ulong, ImageShape?> shapeOf)
    {
        var (runs, shapes) = (new List<PlannedRun>(), new Dictionary<(string, string?), ImageShape?>());
        foreach (var seed in plan.Seeds)
        {
            var first = runs.Count;
            foreach (var method in plan.Methods)
            {
                var own = method.Own.Without().Add("seed", seed.ToString(CultureInfo.InvariantCulture), "seeds");
                var source = runs.Skip(first).FirstOrDefault(r => r.Label == method.Init);
                var options = TrainResolver.Resolve(own, method.Shared, Shape);
                options = options with
                {
                    Out = Path.Combine(folder, "runs", $"{PlanLabels.FolderName(method.Label)}-s{seed}"),
                    Device = device ?? options.Device, Threads = threads ?? options.Threads,
                    Init = source is null ? null : Path.Combine(source.Folder, "last.safetensors"),
                };
                var hash = TrainConfig.Hash(
                    source is null ? options : options with { Init = $"last of {source.Hash}" });
                runs.Add(new PlannedRun(method, options.Out, options, hash) { Source = source });
            }
        }
        return runs;

        ImageShape? Shape(string name, string? data, ulong seed)
        {
            if (shapes.TryGetValue((name, data), out var known)) return known;
            var shape = shapeOf(name, data, seed);
            shapes.Add((name, data), shape);
            return shape;
        }
    }

    /// <summary>Checks that the files of all data sets are there.</summary>
    /// <exception cref="CodatException">Some are not.</exception>
    public static void CheckData(ComparePlan plan, IReadOnlyList<PlannedRun> runs)
    {
        foreach (var run in runs.DistinctBy(r => (r.Options.Dataset, r.Options.Data)))
            Check(run.Options.Dataset, run.Options.Data, run.Method.Where("dataset"),
                DatasetSplit.Train, DatasetSplit.Test);
        foreach (var evaluation in plan.Evaluations)
        {
            var o = evaluation.Options;
            if (o.Dataset is { } name)
                Check(name, o.Data, evaluation.Where("dataset"),
                    o.Split == SplitKind.Test ? DatasetSplit.Test : DatasetSplit.Train);
            if (o.ClassMap is { } map && !File.Exists(map))
                throw new CodatException("there is no such class map", evaluation.Where("class-map"),
                    "a JSON file, relative to the plan", $"no file {map}");
        }
    }

    private static void Check(string name, string? data, string where, params ReadOnlySpan<DatasetSplit> splits)
    {
        try
        {
            DatasetCatalog.CheckFiles(name, data, splits);
        }
        catch (DatasetException error)
        {
            throw new CodatException(error.What, $"{where}, {error.Where}", error.Expected, error.Found, error.Fix,
                inner: error);
        }
    }
}
