using System.Numerics;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Reads the tensors of a saved state; what does not fit the run is refused by name.</summary>
internal static class SavedTensors
{
    /// <summary>Fills a tensor.</summary>
    /// <exception cref="CodatException">It is missing, of another size or not finite.</exception>
    public static void Put<T>(SafeTensorsFile tensors, string name, Tensor target)
        where T : unmanaged, INumberBase<T> =>
        target.CopyFrom<T>(ReadFinite<T>(tensors, name, target.Shape.Count));

    /// <summary>The values of a tensor.</summary>
    /// <exception cref="CodatException">It is missing, of another size or not finite.</exception>
    public static T[] ReadFinite<T>(SafeTensorsFile tensors, string name, long count)
        where T : unmanaged, INumberBase<T>
    {
        if (tensors.TryGet(name, out var entry) && entry is not null && entry.Elements != count)
            throw Unfit(name, $"{count} values", $"{entry.Elements}");
        var values = tensors.Read<T>(name);
        var bad = Array.FindIndex(values, value => !T.IsFinite(value));
        return bad < 0 ? values : throw Unfit(name, "finite numbers", $"{values[bad]} at {bad}");
    }

    /// <summary>The refusal of a tensor.</summary>
    public static CodatException Unfit(string tensor, string expected, string found) => new(
        "the saved state does not fit this run", $"tensors.safetensors, {tensor}", expected, found,
        "put the run folder back from a copy, or start the run anew; nothing was changed", isUsage: false);
}
