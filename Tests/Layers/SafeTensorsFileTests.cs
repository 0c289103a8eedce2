using System.Buffers.Binary;
using System.Text;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class SafeTensorsFileTests
{
    /// <summary>The start of a header: three bytes named a.</summary>
    private const string Three = "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},";

    [Test]
    public void Open_HandBuiltBytes_ReadsEveryTensor()
    {
        using var file = Open(SafeTensorsBytes.File(SafeTensorsBytes.SmallHeader, SafeTensorsBytes.SmallData()));

        Assert.That(file.Metadata,
            Is.EqualTo(new Dictionary<string, string> { ["model"] = "small-cnn", ["note"] = "é" }));
        Assert.That(file.Tensors.Select(t => t.Name), Is.EqualTo(new[] { "a.weight", "h", "n" }));
        Assert.That(file.ReadFloats("a.weight"), Is.EqualTo(new[] { 1.5f, -2, 3.25e-3f, float.MaxValue }));
        Assert.That(file.ReadFloats("h"), Is.EqualTo(new[] { 1f, -4f }));
        Assert.That(file.Read<long>("n"), Is.EqualTo(new[] { -7L }));
        Assert.That(file.TryGet("a.weight", out var entry));
        Assert.That(entry!.ShapeText, Is.EqualTo("[2, 2]"));
        Assert.That(file.TryGet("b", out _), Is.False);
    }

    [Test]
    public void ReadFloats_EveryFloatingType_Converts()
    {
        const string Header = """
            {"d":{"dtype":"F64","shape":[3],"data_offsets":[0,24]},
            "b":{"dtype":"BF16","shape":[3],"data_offsets":[24,30]},
            "h":{"dtype":"F16","shape":[4],"data_offsets":[30,38]}}
            """;
        var data = new byte[38];
        double[] doubles = [Math.PI, -1e300, 1e-60];
        for (var i = 0; i < 3; i++) BinaryPrimitives.WriteDoubleLittleEndian(data.AsSpan(8 * i), doubles[i]);
        ushort[] words = [0x3F80, 0xC049, 0x7F80, 0x3555, 0x0001, 0xFC00, 0x7BFF];
        for (var i = 0; i < 7; i++) BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(24 + 2 * i), words[i]);

        using var file = Open(SafeTensorsBytes.File(Header, data));

        Assert.That(file.ReadFloats("d"), Is.EqualTo(new[] { 3.14159274f, float.NegativeInfinity, 0f }));
        Assert.That(file.ReadFloats("b"), Is.EqualTo(new[] { 1f, -3.140625f, float.PositiveInfinity }));
        Assert.That(file.ReadFloats("h"),
            Is.EqualTo(new[] { 0.333251953125f, 5.9604644775390625e-8f, float.NegativeInfinity, 65504f }));
    }

    [Test]
    public void ReadFloats_MoreThanOneBlock_EveryElementInPlace()
    {
        const int Count = 100_001;
        var data = new byte[2 * Count];
        for (var i = 0; i < Count; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(2 * i), (ushort)(i % 0x7F00));

        using var file = Open(SafeTensorsBytes.File(
            $$$"""{"x":{"dtype":"BF16","shape":[{{{Count}}}],"data_offsets":[0,{{{2 * Count}}}]}}""", data));
        var values = file.ReadFloats("x");

        for (var i = 0; i < Count; i++)
            Assert.That(BitConverter.SingleToUInt32Bits(values[i]) >> 16, Is.EqualTo(i % 0x7F00));
    }

    [Test]
    public void Read_WrongTypeOrName_SaysSo()
    {
        using var file = Open(SafeTensorsBytes.File(SafeTensorsBytes.SmallHeader, SafeTensorsBytes.SmallData()));

        Assert.That(() => file.Read<int>("n"), Throws.TypeOf<CodatException>().With.Message.Contains("I64"));
        Assert.That(() => file.ReadFloats("n"), Throws.TypeOf<CodatException>().With.Message.Contains("test, n"));
        Assert.That(() => file.ReadFloats("zz"), Throws.TypeOf<CodatException>().With.Message.Contains("zz"));
        Assert.That(() => file.ReadFloats("h", new float[3]), Throws.ArgumentException);
    }

    [Test]
    public void Open_EmptyAndPaddedHeaders_AreValid()
    {
        using var empty = Open(SafeTensorsBytes.File("{}"));
        using var padded = Open(SafeTensorsBytes.File(
            """{"z":{"dtype":"U8","shape":[0,3],"data_offsets":[0,0]}}     """));

        Assert.That(empty.Tensors, Is.Empty);
        Assert.That(padded.Read<byte>("z"), Is.Empty);
    }

    [TestCase("", "", "brace", TestName = "Open_EmptyHeader_Refused")]
    [TestCase(" {}", "", "'{'")]
    [TestCase("[]", "", "'{'")]
    [TestCase("{", "", "JSON")]
    [TestCase("{}{}", "", "JSON")]
    [TestCase("{} x", "", "JSON")]
    [TestCase("""{"a":1}""", "", "wrong kind")]
    [TestCase("""{"__metadata__":{"a":1}}""", "", "wrong kind")]
    [TestCase("""{"__metadata__":{"a":"b","a":"c"}}""", "", "metadata key")]
    [TestCase("""{"__metadata__":{},"__metadata__":{}}""", "", "twice")]
    [TestCase("""{"__metadata__":{"a":"\ud800"}}""", "", "JSON")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}""", "1234", "JSON")]
    [TestCase("""{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}""", "1234", "F99")]
    [TestCase("""{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", "1234", "f32")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1]}}""", "1234", "lacks a key")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":0}}""", "1234", "found x")]
    [TestCase("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "1234", "twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "1234", "whole number")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "1234", "whole number")]
    [TestCase("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", "1234", "whole number")]
    [TestCase("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", "1234", "whole number")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", "1234", "too large")]
    [TestCase("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,4]}}""", "1234", "too large")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", "1234", "pair")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "1234", "outside")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "123", "outside")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "1234", "8 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "12345", "goes on")]
    [TestCase("{}", "1", "goes on")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "12345678", "hole")]
    [TestCase(Three + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", "1234", "overlaps")]
    [TestCase(Three + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[3,4]}}", "1234", "named twice")]
    public void Open_DamagedHeader_RefusedWithTheReason(string header, string data, string reason)
    {
        var bytes = SafeTensorsBytes.File(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(data));

        Assert.That(() => Open(bytes), Throws.TypeOf<CodatException>()
            .With.Message.Contains(reason == "brace" ? "'{'" : reason).And.Message.Contains("test"));
    }

    [TestCase(0UL, "'{'")]
    [TestCase(3UL, "at most 2")]
    [TestCase(100_000_001UL, "at most 2")]
    [TestCase(ulong.MaxValue, "18446744073709551615")]
    public void Open_ImpossibleHeaderLength_RefusedBeforeAllocating(ulong length, string reason)
    {
        var bytes = SafeTensorsBytes.File("{}");
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);

        Assert.That(() => Open(bytes), Throws.TypeOf<CodatException>().With.Message.Contains(reason));
    }

    [Test]
    public void Open_HeaderOver100Megabytes_Refused()
    {
        using var stream = new ClaimedLengthStream(200_000_000, 100_000_001);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => SafeTensorsFile.Open(stream, "test"),
            Throws.TypeOf<CodatException>().With.Message.Contains("at most 100000000"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
    }

    [Test]
    public void Open_FileShorterThanThePrefix_Refused([Range(0, 7)] int length) =>
        Assert.That(() => Open(new byte[length]), Throws.TypeOf<CodatException>().With.Message.Contains("too short"));

    [Test]
    public void Open_MissingFile_NamesIt() => Assert.That(
        () => SafeTensorsFile.Open(Path.Combine(Path.GetTempPath(), "codat-no-such-file.safetensors")),
        Throws.TypeOf<CodatException>().With.Message.Contains("codat-no-such-file"));

    private static SafeTensorsFile Open(byte[] bytes) => SafeTensorsFile.Open(new MemoryStream(bytes), "test");

    /// <summary>Claims a length it does not hold; only the 8 bytes of the prefix can be read.</summary>
    private sealed class ClaimedLengthStream(long length, ulong headerBytes)
        : MemoryStream(BitConverter.GetBytes(headerBytes))
    {
        public override long Length { get; } = length;
    }
}
