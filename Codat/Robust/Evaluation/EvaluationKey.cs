using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>What the outcomes of an evaluation are a function of, as one hash.</summary>
public static class EvaluationKey
{
    // To be raised where an attack is made to do something else: kept outcomes of the older one must not be continued.
    private const int Format = 2;

    /// <summary>
    /// SHA-256 (lower-case hex) of weights, structure, images, attacks and seed; not of batch size, threads or device.
    /// </summary>
    /// <param name="network">The network evaluated.</param>
    /// <param name="images">The split.</param>
    /// <param name="attacks">The attacks in order.</param>
    /// <param name="seed">Seed of the attack starts.</param>
    /// <param name="surrogate">The network of <see cref="AttackKind.Transfer"/>, or null.</param>
    /// <param name="batch">Rows of the physical batch where they can change a result, or null.</param>
    public static string Of(Network network, IDataset images, IEnumerable<ResolvedAttack> attacks, ulong seed,
        Network? surrogate = null, int? batch = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(attacks);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"codat evaluation {Format}\n");
        Append(text, network.Spec);
        text.Append(CultureInfo.InvariantCulture, $"\n{SplitHash.Of(images)} {seed}\n");
        foreach (var a in attacks)
            text.Append(CultureInfo.InvariantCulture, $"{a.Name} {a.Kind} {a.Norm} {a.Eps.Value:R} {a.Step.Value:R} ")
                .Append(CultureInfo.InvariantCulture, $"{a.Steps} {a.Restarts} {a.Start}\n");
        if (surrogate is not null) Append(text.Append("surrogate "), surrogate.Spec);
        if (batch is { } rows) text.Append(CultureInfo.InvariantCulture, $"\nrows {rows}");
        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        Append(hash, network);
        if (surrogate is not null) Append(hash, surrogate);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(StringBuilder text, NetworkSpec spec) =>
        text.Append(CultureInfo.InvariantCulture, $"{spec.Model} {spec.Height} ")
            .Append(CultureInfo.InvariantCulture, $"{spec.Width} {spec.Channels} {spec.Classes} ")
            .Append(CultureInfo.InvariantCulture, $"{spec.FinalBatchNorm} ")
            .AppendJoin(' ', spec.Mean.Concat(spec.Std)
                .Select(v => v.ToString("R", CultureInfo.InvariantCulture)));

    private static void Append(IncrementalHash hash, Network network)
    {
        foreach (var (name, parameter) in network.Parameters.Concat(network.Buffers))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            Append(hash, parameter.Value);
        }
    }

    private static void Append(IncrementalHash hash, Tensor values)
    {
        if (values.Type == DType.Float64) hash.AppendData(MemoryMarshal.AsBytes<double>(values.ToArray<double>()));
        else hash.AppendData(MemoryMarshal.AsBytes<float>(values.ToArray<float>()));
    }
}
