using System.Numerics;
using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>The tensors of a network to and from those of a weight file.</summary>
internal static class WeightValues
{
    private const int ShownProblems = 8;
    private const string MeanSuffix = "_mean";
    private const string VarianceSuffix = "_var";

    /// <summary>Hands every tensor of a network to a writer.</summary>
    public static void Collect<T>(Network network, SafeTensorsWriter writer, SafeTensorType type) where T : unmanaged
    {
        foreach (var (name, parameter) in network.Parameters)
        {
            var values = new T[parameter.Shape.Count];
            WeightLayout.Of(parameter).ToFile<T>(parameter.Value.ToArray<T>(), values);
            writer.Add<T>(name, type, WeightLayout.FileShape(parameter.Shape), values);
        }

        foreach (var (name, buffer) in network.Buffers)
        {
            var (values, channels) = (buffer.Value.ToArray<T>(), buffer.Shape[1]);
            writer.Add<T>(name + MeanSuffix, type, [channels], values.AsMemory(0, channels));
            writer.Add<T>(name + VarianceSuffix, type, [channels], values.AsMemory(channels));
        }
    }

    /// <summary>Compares names, shapes and types with what the network needs.</summary>
    /// <exception cref="CodatException">Something is missing, wrong or unknown; the message lists it.</exception>
    public static void CheckTensors(Network network, WeightNames names, string path)
    {
        var problems = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, shape) in Expected(network))
        {
            known.Add(name);
            if (!names.Entries.TryGetValue(name, out var entry)) problems.Add($"{name} is missing");
            else if (!shape.AsSpan().SequenceEqual(entry.Shape.ToArray()))
                problems.Add($"{name} is {entry.ShapeText}, not [{string.Join(", ", shape)}]");
            else if (!IsFloatingPoint(entry.Type))
                problems.Add($"{name} is of type {entry.Type}");
        }

        foreach (var (name, entry) in names.Entries)
            if (!known.Contains(name)) problems.Add($"{SafeTensorsHeader.Shorten(name)} {entry.ShapeText} is unknown");
        Report("The weights do not fit the network", network, problems, path,
            "check the model, its classes and the file");
    }

    /// <summary>Reads every tensor of a network; <see cref="CheckTensors"/> has passed.</summary>
    /// <exception cref="CodatException">Weights are not finite or variances negative; the message lists
    /// them.</exception>
    public static void Read<T>(Network network, SafeTensorsFile file, WeightNames names, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var problems = new List<string>();
        foreach (var (name, parameter) in network.Parameters)
        {
            var values = ReadFinite<T>(file, names.Entries[name], name, problems);
            var ours = new T[values.Length];
            WeightLayout.Of(parameter).FromFile<T>(values, ours);
            parameter.Value.CopyFrom<T>(ours);
        }

        foreach (var (name, buffer) in network.Buffers)
        {
            var mean = ReadFinite<T>(file, names.Entries[name + MeanSuffix], name + MeanSuffix, problems);
            var variance = ReadFinite<T>(file, names.Entries[name + VarianceSuffix], name + VarianceSuffix, problems);
            if (Array.Exists(variance, T.IsNegative)) problems.Add($"{name}{VarianceSuffix} has negative values");
            buffer.Value.CopyFrom<T>([.. mean, .. variance]);
        }

        Report("The weights are not usable numbers", network, problems, path, "the network that was saved had failed");
    }

    private static IEnumerable<(string Name, long[] Shape)> Expected(Network network)
    {
        foreach (var (name, parameter) in network.Parameters)
            yield return (name, WeightLayout.FileShape(parameter.Shape));
        foreach (var (name, buffer) in network.Buffers)
        {
            yield return (name + MeanSuffix, [buffer.Shape[1]]);
            yield return (name + VarianceSuffix, [buffer.Shape[1]]);
        }
    }

    private static bool IsFloatingPoint(SafeTensorType type) =>
        type is SafeTensorType.F32 or SafeTensorType.F64 or SafeTensorType.F16 or SafeTensorType.BF16;

    private static T[] ReadFinite<T>(SafeTensorsFile file, SafeTensorEntry entry, string name, List<string> problems)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] values;
        if (typeof(T) == typeof(double) && entry.Type == SafeTensorType.F64) values = file.Read<T>(entry.Name);
        else
        {
            var floats = file.ReadFloats(entry.Name);
            values = floats as T[] ?? Array.ConvertAll(floats, T.CreateTruncating);
        }

        var bad = 0;
        foreach (var value in values)
            if (!T.IsFinite(value)) bad++;
        if (bad > 0) problems.Add($"{name} has {bad} values that are not finite");
        return values;
    }

    private static void Report(string what, Network network, List<string> problems, string path, string fix)
    {
        if (problems.Count == 0) return;
        var shown = string.Join("; ", problems.Take(ShownProblems));
        var rest = problems.Count > ShownProblems ? $"; and {problems.Count - ShownProblems} more" : "";
        var spec = network.Spec;
        throw new CodatException(what, path,
            $"a {spec.Model} for {spec.Classes} classes and {spec.Height}x{spec.Width}x{spec.Channels} images",
            shown + rest, fix);
    }
}
