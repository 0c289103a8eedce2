using System.Buffers.Binary;
using System.Text;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class SafeTensorsFuzzTests
{
    /// <summary>A few exception texts and the small header; a length taken from the file without a check would be
    /// far more.</summary>
    private const long AllocationLimit = 512 * 1024;

    private static readonly string[] s_fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\ud83d", "9223372036854775807", "99999999999999999999", "-1",
        "1e9", "null", "\"dtype\"", "\"F32\"", "\"data_offsets\":[0,0]", "\"__metadata__\":{}", "[[[[[[[[",
        "{\"a\":{\"a\":{\"a\":{",
    ];

    [Test]
    public void Open_500Mutations_SucceedsOrRefuses() => Fuzz(1, 500);

    [Test]
    [Category("Slow")]
    public void Open_10000Mutations_SucceedsOrRefuses() => Fuzz(2, 10_000);

    private static void Fuzz(int seed, int cases)
    {
        var random = new Random(seed);
        var original = Encoding.UTF8.GetBytes(SafeTensorsBytes.SmallHeader);
        int refused = 0, opened = 0;
        for (var i = 0; i < cases; i++)
        {
            var bytes = i % 2 == 0
                ? MutateAnywhere(random, SafeTensorsBytes.File(original, SafeTensorsBytes.SmallData()))
                : MutateConsistently(random, original);

            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ReadAll(bytes);
                opened++;
            }
            catch (CodatException)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"Case {i} of seed {seed}: {error}\n{Convert.ToHexString(bytes)}");
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(allocated, Is.LessThan(AllocationLimit), $"case {i} of seed {seed}");
        }

        // A fuzzer that never gets past the first check, or never damages anything, tests nothing.
        Assert.That(refused, Is.GreaterThan(cases / 4));
        Assert.That(opened, Is.GreaterThan(cases / 50));
    }

    private static void ReadAll(byte[] bytes)
    {
        using var file = SafeTensorsFile.Open(new MemoryStream(bytes), "fuzz");
        foreach (var entry in file.Tensors)
        {
            file.ReadBytes(entry.Name, new byte[entry.Bytes]);
            if (entry.Type is SafeTensorType.F32 or SafeTensorType.F16 or SafeTensorType.BF16 or SafeTensorType.F64)
                file.ReadFloats(entry.Name);
        }
    }

    private static byte[] MutateAnywhere(Random random, byte[] file)
    {
        var bytes = new List<byte>(file);
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Fragment(random))); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }

            if (bytes.Count == 0) bytes.Add(0);
        }

        return [.. bytes];
    }

    /// <summary>Damages the header, then makes length and data size agree with it again, so that later checks are
    /// reached.</summary>
    private static byte[] MutateConsistently(Random random, byte[] original)
    {
        var header = Encoding.UTF8.GetString(original);
        for (var edits = random.Next(1, 3); edits > 0; edits--)
        {
            var at = random.Next(header.Length);
            switch (random.Next(4))
            {
                case 0:
                    header = ReplaceNumber(random, header);
                    break;
                case 1:
                    header = header.Insert(at, Fragment(random));
                    break;
                case 2:
                    header = header.Remove(at, Math.Min(random.Next(1, 4), header.Length - at));
                    break;
                default:
                    string[] types = ["F32", "F64", "F16", "BF16", "I64", "I32", "U8", "BOOL"];
                    var (from, to) = (types[random.Next(3)], types[random.Next(types.Length)]);
                    header = header.Replace(from, to, StringComparison.Ordinal);
                    break;
            }

            if (header.Length == 0) header = "{";
        }

        var data = new byte[random.Next(3) == 0 ? random.Next(64) : 28];
        var bytes = SafeTensorsBytes.File(Encoding.UTF8.GetBytes(header), data);
        if (random.Next(8) == 0) BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length + random.Next(-8, 9));
        return bytes;
    }

    private static string Fragment(Random random) => s_fragments[random.Next(s_fragments.Length)];

    private static string ReplaceNumber(Random random, string header)
    {
        var digits = Enumerable.Range(0, header.Length).Where(i => char.IsAsciiDigit(header[i])).ToArray();
        if (digits.Length == 0) return header;
        var at = digits[random.Next(digits.Length)];
        string[] numbers =
            ["0", "1", "2", "4", "8", "16", "24", "28", "2147483648", "4611686018427387904", "-1", "1.5"];
        return header.Remove(at, 1).Insert(at, numbers[random.Next(numbers.Length)]);
    }
}
