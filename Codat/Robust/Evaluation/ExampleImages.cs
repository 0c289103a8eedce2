using System.Runtime.InteropServices;
using System.Text.Json;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Writes <c>examples.json</c>: an image of each class before and after an attack.</summary>
internal static class ExampleImages
{
    private const int MostClasses = 20;

    public static void Write(
        string path, Network network, IDataset images, ResolvedAttack attack, AttackSpec spec, ulong seed)
    {
        var chosen = FirstOfEachClass(images);
        if (chosen.Length == 0) return;
        using var program = new AttackProgram(network, spec, chosen.Length, seed);
        new ImageSource(images, chosen.Length).Load(chosen, program);
        program.Counters.CopyFrom<int>([0, 0]);
        program.Start();
        var (clean, attacked) = (new int[chosen.Length], new int[chosen.Length]);
        using (var scorer = new AttackProgram(network, null, chosen.Length, seed))
        {
            new ImageSource(images, chosen.Length).Load(chosen, scorer);
            scorer.Score();
            scorer.Predicted.CopyTo<int>(clean);
        }
        program.Run();
        program.Predicted.CopyTo<int>(attacked);
        var pixels = program.Iterate.Type == Autograd.DType.Float32
            ? program.Iterate.ToArray<float>()
            : Array.ConvertAll(program.Iterate.ToArray<double>(), v => (float)v);
        AtomicFile.Write(path, stream => WriteJson(stream, images, chosen, attack, clean, attacked, pixels));
    }

    private static void WriteJson(
        Stream stream, IDataset images, int[] chosen, ResolvedAttack attack, int[] clean, int[] attacked,
        float[] pixels)
    {
        using var json = new Utf8JsonWriter(stream);
        var shape = images.Shape;
        json.WriteStartObject();
        json.WriteNumber("height", shape.Height);
        json.WriteNumber("width", shape.Width);
        json.WriteNumber("channels", shape.Channels);
        json.WriteString("epsText", attack.Eps.Text);
        json.WriteString("norm", SettingNames.Norms.Print(attack.Norm));
        json.WriteString("attack", attack.Name);
        json.WriteStartArray("items");
        var bytes = new byte[shape.Bytes];
        for (var i = 0; i < chosen.Length; i++)
        {
            images.Read(chosen[i], bytes);
            var label = images.Label(chosen[i]);
            json.WriteStartObject();
            json.WriteNumber("index", chosen[i]);
            json.WriteNumber("class", label);
            json.WriteString("name", images.ClassNames[label]);
            json.WriteBase64String("clean", bytes);
            json.WriteBase64String("attacked", MemoryMarshal.AsBytes(pixels.AsSpan(i * bytes.Length, bytes.Length)));
            json.WriteNumber("cleanPrediction", clean[i]);
            json.WriteNumber("attackedPrediction", attacked[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int[] FirstOfEachClass(IDataset images)
    {
        var first = new SortedDictionary<int, int>();
        for (var i = 0; i < images.Count && first.Count < Math.Min(images.Classes, MostClasses); i++)
            first.TryAdd(images.Label(i), i);
        return [.. first.Values];
    }
}
