using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class NpyTests
{
    // Written by numpy 1.24: save and lib.format.write_array(version=...), savez_compressed.
    private const string Float32File =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAUEAAAAAA+QIVUG8S"
        + "g7o=";

    private const string Int64Version2 =
        "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAAAAAAAAAPj/////////";

    private const string Int32Version3 =
        "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8aTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAAAA+P///w==";

    private const string NpzFile =
        "UEsDBBQAAAAIAAAAIQCFOo9TYAAAAJgAAAAFABQAeC5ucHkBABAAmAAAAAAAAABgAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6l"
        + "oF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6ChBkrKmjUKtABuBiYGRiZmFlY+fg5OLm4eXjFxAUEhYRFRMH"
        + "AFBLAwQUAAAACAAAACEAcfs5q0gAAACQAAAABQAUAHkubnB5AQAQAJAAAAAAAAAASAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRu"
        + "paBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuRgZUAABQSwECFAMUAAAACAAAACEAhTqPU2AA"
        + "AACYAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECFAMUAAAACAAAACEAcfs5q0gAAACQAAAABQAAAAAAAAAAAAAAgAGXAAAA"
        + "eS5ucHlQSwUGAAAAAAIAAgBmAAAAFgEAAAAA";

    [Test]
    public void Parse_FilesOfNumPy_GiveShapeAndValues()
    {
        NpyArray floats = Npy.Parse(Convert.FromBase64String(Float32File), "f");
        NpyArray longs = Npy.Parse(Convert.FromBase64String(Int64Version2), "f");
        NpyArray ints = Npy.Parse(Convert.FromBase64String(Int32Version3), "f");

        Assert.That(floats.Shape.ToArray(), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(floats.Values<float>().ToArray(), Is.EqualTo(new[] { 1.5f, -2f, 3.25f, 0f, 1e10f, -1e-3f }));
        Assert.That(longs.Values<long>().ToArray(), Is.EqualTo(new[] { 7L, -8L }));
        Assert.That(ints.Values<int>().ToArray(), Is.EqualTo(new[] { 7, -8 }));
        Assert.That(floats.DescribeShape(), Is.EqualTo("(2, 3)"));
    }

    [Test]
    public void Write_ArrayThatNumPyWrote_GivesTheSameBytes()
    {
        using var stream = new MemoryStream();

        Npy.Write<float>(stream, [1.5f, -2f, 3.25f, 0f, 1e10f, -1e-3f], 2, 3);

        Assert.That(Convert.ToBase64String(stream.ToArray()), Is.EqualTo(Float32File));
    }

    [Test]
    public void Write_EveryType_ReadsBack()
    {
        using var folder = new TempFolder();
        string path = folder.File("a.npy");

        RoundTrip(path, new byte[] { 0, 255 }, NpyType.UInt8);
        RoundTrip(path, new[] { int.MinValue, int.MaxValue }, NpyType.Int32);
        RoundTrip(path, new[] { long.MinValue, long.MaxValue }, NpyType.Int64);
        RoundTrip(path, new[] { float.NaN, float.Epsilon }, NpyType.Float32);
        RoundTrip(path, new[] { double.MaxValue, -0.0 }, NpyType.Float64);
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Write_NoDimensionsAndNoValues_ReadBack()
    {
        using var folder = new TempFolder();
        Npy.Write<double>(folder.File("one.npy"), [2.5]);
        Npy.Write<double>(folder.File("none.npy"), [], 0, 3);

        NpyArray one = Npy.Read(folder.File("one.npy"));
        NpyArray none = Npy.Read(folder.File("none.npy"));

        Assert.That(one.Shape.Length, Is.Zero);
        Assert.That(one.Values<double>()[0], Is.EqualTo(2.5));
        Assert.That(none.Shape.ToArray(), Is.EqualTo(new[] { 0, 3 }));
    }

    [Test]
    public void Write_ValuesThatDoNotFillTheShape_Throws()
    {
        Assert.Throws<ArgumentException>(() => Npy.Write<float>(new MemoryStream(), [1, 2, 3], 2, 2));
    }

    [Test]
    public void Values_OfAnotherType_Throws()
    {
        NpyArray ints = Npy.Parse(Convert.FromBase64String(Int32Version3), "f");

        Assert.Throws<InvalidOperationException>(() => ints.Values<float>());
    }

    [TestCase("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "Fortran")]
    [TestCase("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "not supported")]
    [TestCase("{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", "not supported")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "wrong length")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }",
        "wrong length")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1), }", "cannot be read")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "cannot be read")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", "cannot be read")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, }", "cannot be read")]
    [TestCase("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "cannot be read")]
    [TestCase("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "cannot be read")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 'x', }", "cannot be read")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } import os", "cannot be read")]
    [TestCase("{'descr': '<f4, 'fortran_order': False, 'shape': (1,), }", "cannot be read")]
    [TestCase("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "cannot be read")]
    public void Parse_HeaderOutsideTheRules_IsRefused(string header, string reason)
    {
        byte[] file = SampleFiles.NpyFile(header, new byte[4]);

        Assert.That(() => Npy.Parse(file, "f"), Throws.TypeOf<DatasetException>().With.Message.Contains(reason));
    }

    [Test]
    public void Parse_HeaderSpacedAnotherWay_IsRead()
    {
        byte[] file = SampleFiles.NpyFile("{\"shape\":(1,),'fortran_order':False , \"descr\" : \"<f4\"}",
            [0, 0, 128, 63]);

        Assert.That(Npy.Parse(file, "f").Values<float>()[0], Is.EqualTo(1f));
    }

    [Test]
    public void ReadNpz_FileOfNumPy_GivesArraysInTheOrderAsked()
    {
        NpyArray[] arrays = Npz.Parse(Convert.FromBase64String(NpzFile), "f", "y", "x");

        Assert.That(arrays[0].Values<long>().ToArray(), Is.EqualTo(new[] { 1L, 0L }));
        Assert.That(arrays[1].Shape.ToArray(), Is.EqualTo(new[] { 2, 2, 2, 3 }));
        Assert.That(arrays[1].Values<byte>()[23], Is.EqualTo(23));
    }

    [Test]
    public void ReadNpz_ArrayMissing_ListsWhatIsThere()
    {
        byte[] file = Convert.FromBase64String(NpzFile);

        Assert.That(() => Npz.Parse(file, "f", "z"),
            Throws.TypeOf<DatasetException>().With.Message.Contains("x.npy, y.npy"));
    }

    [Test]
    public void ReadNpz_WrongChecksum_IsRefused()
    {
        byte[] file = Convert.FromBase64String(NpzFile);
        int directory = file.AsSpan().IndexOf("PK\x01\x02"u8);
        file[directory + 16] ^= 1;

        Assert.Throws<DatasetException>(() => Npz.Parse(file, "f", "x"));
    }

    private static void RoundTrip<T>(string path, T[] values, NpyType type) where T : unmanaged
    {
        Npy.Write<T>(path, values, values.Length);

        NpyArray read = Npy.Read(path);

        Assert.That(read.Type, Is.EqualTo(type));
        Assert.That(read.Shape.ToArray(), Is.EqualTo(new[] { values.Length }));
        Assert.That(read.Values<T>().ToArray(), Is.EqualTo(values));
    }
}
