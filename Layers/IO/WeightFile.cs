using System.Text.Json;
using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>Networks as safetensors files in the names and order of the common PyTorch CIFAR models.</summary>
/// <remarks>
/// Filters lie there as (K,C,R,S), columns after a flatten as (C,H,W), the rows of a running buffer as
/// <c>running_mean</c>
/// and <c>running_var</c>. Structure and normalisation are in the metadata under <c>codat.*</c>; any further strings
/// may
/// stand beside them.
/// </remarks>
public static class WeightFile
{
    /// <summary>Writes a network, whole or not at all; the same content gives the same bytes.</summary>
    /// <param name="network">The network; float64 weights are written as F64, float32 as F32.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="classNames">One name for each class, or null.</param>
    /// <param name="metadata">Further strings, as training settings; keys of the structure itself are refused.</param>
    /// <exception cref="CodatException">The file cannot be written; the message names it.</exception>
    public static void Save(Network network, string path, IReadOnlyList<string>? classNames = null,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var writer = new SafeTensorsWriter();
        WeightMetadata.Write(network.Spec, writer);
        if (classNames is not null)
        {
            if (classNames.Count != network.Spec.Classes)
                throw new ArgumentException(
                    $"{classNames.Count} names for {network.Spec.Classes} classes.", nameof(classNames));
            writer.SetMetadata(WeightMetadata.ClassNames, JsonSerializer.Serialize(classNames));
        }

        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
        {
            if (WeightMetadata.IsOwn(key))
                throw new ArgumentException($"'{key}' is written from the network itself.", nameof(metadata));
            writer.SetMetadata(key, value);
        }

        if (network.Type == DType.Float64) WeightValues.Collect<double>(network, writer, SafeTensorType.F64);
        else WeightValues.Collect<float>(network, writer, SafeTensorType.F32);
        writer.Save(path);
    }

    /// <summary>Reads the structure that a file's metadata states.</summary>
    /// <exception cref="CodatException">The file is unreadable, or states none or a wrong one.</exception>
    public static NetworkSpec ReadSpec(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        return ReadSpec(file, path);
    }

    /// <summary>The structure of a foreign file: model and classes as told, the image shape from its first
    /// layer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The architecture's name.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="mean">Mean of each channel; null for none.</param>
    /// <param name="std">Standard deviation of each channel; null for none.</param>
    /// <remarks>Sides that the weights do not determine are 32, or 28 for one channel.</remarks>
    /// <exception cref="CodatException">The file is unreadable, or its first layer does not fit the model.</exception>
    public static NetworkSpec InferSpec(string path, string model, int classes,
        IReadOnlyList<float>? mean = null, IReadOnlyList<float>? std = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var file = SafeTensorsFile.Open(path);
        var names = WeightNames.Read(file, path, model);
        var (height, width, channels) = ForeignShape.Infer(names, path, model);
        var spec = new NetworkSpec(model, height, width, channels, classes)
        {
            FinalBatchNorm = model != PreActResNet18.ModelName || names.Any(PreActResNet18.FinalBatchNormPrefix),
        };
        return spec with { Mean = mean ?? spec.Mean, Std = std ?? spec.Std };
    }

    /// <summary>Reads a network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="foreign">The structure of a file that states none (<see cref="InferSpec"/>); where given, it is
    /// believed and not what the file states.</param>
    /// <param name="type">Float32, or float64 for checks; F64, F16 and BF16 tensors are converted.</param>
    /// <exception cref="CodatException">
    /// The file is unreadable, states no structure, or its tensors do not fit: one message lists those that are
    /// missing,
    /// of a wrong shape or type, unknown or not finite.
    /// </exception>
    public static LoadedWeights Load(
        string path, Device device, NetworkSpec? foreign = null, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(device);
        using var file = SafeTensorsFile.Open(path);
        var spec = foreign ?? ReadSpec(file, path);
        var names = WeightNames.Read(file, path, spec.Model);
        if (foreign is not null && spec.Model == PreActResNet18.ModelName)
        {
            spec = spec with { FinalBatchNorm = names.Any(PreActResNet18.FinalBatchNormPrefix) };
            if (!spec.FinalBatchNorm)
                names.Notices.Add("there is no final batch norm 'bn.*': the network runs without it and its ReLU");
        }

        var classNames = WeightMetadata.ReadClassNames(file.Metadata, path, spec.Classes);
        var network = Network.Allocate(spec, device, type);
        try
        {
            WeightValues.CheckTensors(network, names, path);
            if (type == DType.Float64) WeightValues.Read<double>(network, file, names, path);
            else WeightValues.Read<float>(network, file, names, path);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        return new LoadedWeights(network, file.Metadata, classNames, names.Notices);
    }

    private static NetworkSpec ReadSpec(SafeTensorsFile file, string path) =>
        WeightMetadata.Read(file.Metadata, path)
        ?? throw new CodatException("The file does not say which network it holds", path, WeightMetadata.Model,
            "no such metadata", "give its model and classes");
}
