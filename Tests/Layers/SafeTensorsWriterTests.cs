using System.Buffers.Binary;
using System.Text;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class SafeTensorsWriterTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("codat-safetensors-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void WriteTo_SmallFile_IsByteForByteTheFormat()
    {
        var writer = new SafeTensorsWriter();
        writer.Add("w", [1, 2], new float[] { 1, -2 });
        writer.Add("n", [], new long[] { 5 });
        writer.SetMetadata("k", "v");
        using var stream = new MemoryStream();

        writer.WriteTo(stream);

        const string Header = """{"__metadata__":{"k":"v"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"""
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]}}";
        var padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        byte[] data = [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0];
        Assert.That(stream.ToArray(), Is.EqualTo(SafeTensorsBytes.File(padded, data)));
        Assert.That(Header.Length % 8, Is.Not.Zero, "the test must exercise the padding");
    }

    [Test]
    public void Save_EveryType_ReadsBackTheSame()
    {
        var path = Path.Combine(_folder, "all.safetensors");
        var writer = new SafeTensorsWriter();
        var random = new Random(3);
        var expected = new Dictionary<string, byte[]>();
        foreach (var type in Enum.GetValues<SafeTensorType>())
        {
            // Three elements, so that types of odd sizes follow one another.
            var bytes = new byte[3 * SizeOf(type)];
            random.NextBytes(bytes);
            expected[$"t.{type}"] = bytes;
            writer.Add<byte>($"t.{type}", type, [3, 1], bytes);
        }

        writer.Save(path);

        using var file = SafeTensorsFile.Open(path);
        Assert.That(file.Tensors.Count, Is.EqualTo(expected.Count));
        foreach (var entry in file.Tensors)
        {
            var bytes = new byte[entry.Bytes];
            file.ReadBytes(entry.Name, bytes);
            Assert.That(bytes, Is.EqualTo(expected[entry.Name]), entry.Name);
            Assert.That($"t.{entry.Type}", Is.EqualTo(entry.Name));
            Assert.That(entry.Begin % SizeOf(entry.Type), Is.Zero, "aligned for its type");
        }
    }

    [Test]
    public void WriteTo_OtherOrderOfAdding_SameBytes()
    {
        Assert.That(Bytes("b", "a", "c"), Is.EqualTo(Bytes("c", "b", "a")));

        static byte[] Bytes(params string[] names)
        {
            var writer = new SafeTensorsWriter();
            foreach (var name in names)
            {
                writer.SetMetadata(name, name + "!");
                writer.Add(name, [1], new float[] { name[0] });
            }

            using var stream = new MemoryStream();
            writer.WriteTo(stream);
            return stream.ToArray();
        }
    }

    [Test]
    public void WriteTo_AnyHeader_DataStartsAtAMultipleOfEight()
    {
        for (var length = 1; length < 20; length++)
        {
            var writer = new SafeTensorsWriter();
            writer.Add(new string('x', length), [1], new float[] { 1 });
            using var stream = new MemoryStream();

            writer.WriteTo(stream);

            Assert.That(BinaryPrimitives.ReadInt64LittleEndian(stream.ToArray()) % 8, Is.Zero);
        }
    }

    [Test]
    public void Save_AwkwardNames_RoundTrip()
    {
        string[] names = ["", "Ünï\"code\\", "tab\tand\nline", "emoji \U0001F600", new string('n', 3000)];
        var path = Path.Combine(_folder, "names.safetensors");
        var writer = new SafeTensorsWriter();
        foreach (var name in names)
        {
            writer.Add(name, [2], new double[] { name.Length, 1 });
            writer.SetMetadata(name, name);
        }

        writer.Save(path);

        using var file = SafeTensorsFile.Open(path);
        foreach (var name in names)
        {
            Assert.That(file.Read<double>(name), Is.EqualTo(new double[] { name.Length, 1 }));
            Assert.That(file.Metadata[name], Is.EqualTo(name));
        }
    }

    [Test]
    public void Add_BadInput_Throws()
    {
        var writer = new SafeTensorsWriter();
        writer.Add("a", [1], new float[1]);

        Assert.That(() => writer.Add("a", [1], new float[1]), Throws.ArgumentException);
        Assert.That(() => writer.Add("__metadata__", [1], new float[1]), Throws.ArgumentException);
        Assert.That(() => writer.Add("b", [2, 2], new float[3]), Throws.ArgumentException);
        Assert.That(() => writer.Add("b", [-1], new float[1]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => writer.Add<float>("b", SafeTensorType.I32, [1], new float[1]), Throws.ArgumentException);
    }

    [Test]
    public void Save_NoSuchFolder_NamesThePath() => Assert.That(
        () => new SafeTensorsWriter().Save(Path.Combine(_folder, "missing", "x.safetensors")),
        Throws.TypeOf<CodatException>().With.Message.Contains("missing").And.Message.Contains("folder"));

    [Test]
    public void Open_StringWithInvalidUtf8_Refused()
    {
        var header = Encoding.UTF8.GetBytes("""{"?":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""");
        header[2] = 0xFF;

        Assert.That(() => SafeTensorsFile.Open(new MemoryStream(SafeTensorsBytes.File(header, [])), "test"),
            Throws.TypeOf<CodatException>());
    }

    private static int SizeOf(SafeTensorType type) => type switch
    {
        SafeTensorType.F64 or SafeTensorType.I64 or SafeTensorType.U64 => 8,
        SafeTensorType.F32 or SafeTensorType.I32 or SafeTensorType.U32 => 4,
        SafeTensorType.F16 or SafeTensorType.BF16 or SafeTensorType.I16 or SafeTensorType.U16 => 2,
        _ => 1,
    };
}
