using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Codat.Native.Data;

namespace Codat.Native.Tests;

/// <summary>
/// One reader under mutation: a small valid file, how to read it, and how to damage it from within, so that sizes and
/// checksums are right again and the damage gets past the front door.
/// </summary>
/// <param name="Name">Name of the reader.</param>
/// <param name="Valid">A file it accepts.</param>
/// <param name="Read">Reads a file whole.</param>
/// <param name="Consistent">A file damaged from within.</param>
/// <param name="Compressed">Whether what it holds may be larger than itself.</param>
internal sealed record FuzzTarget(string Name, byte[] Valid, Action<byte[]> Read, Func<Random, byte[]> Consistent,
    bool Compressed)
{
    public override string ToString() => Name;

    internal static IEnumerable<FuzzTarget> All()
    {
        byte[] images = SampleFiles.IdxImages(2, 3, 4, SampleFiles.Random(24, 1));
        byte[] labels = SampleFiles.IdxLabels([0, 1, 2, 9]);
        yield return new("idx-images", images, ReadIdxImages, r => FixIdx(Mutator.Damage(r, images)), false);
        yield return new("idx-labels", labels, f => IdxFormat.ReadLabels(f, 10, "f"),
            r => FixIdx(Mutator.Damage(r, labels)), false);
        yield return new("idx-gz", SampleFiles.Gzip(images), ReadIdxImages,
            r => SampleFiles.Gzip(r.Next(2) == 0 ? FixIdx(Mutator.Damage(r, images)) : Mutator.Damage(r, images)),
            true);

        byte[] cifar = SampleFiles.Cifar(1, (1, SampleFiles.Random(3072, 2)), (9, SampleFiles.Random(3072, 3)));
        yield return new("cifar10", cifar, f => ReadCifar(f, 1),
            r => FixLength(Mutator.Damage(r, cifar), 3073), false);
        byte[] cifar100 = SampleFiles.Cifar(2, (1, SampleFiles.Random(3072, 2)));
        yield return new("cifar100", cifar100, f => ReadCifar(f, 2),
            r => FixLength(Mutator.Damage(r, cifar100), 3074), false);
        byte[] stl = [2, .. SampleFiles.Random(StlFormat.SourceBytes, 4)];
        yield return new("stl10", stl, ReadStl, r => FixStl(Mutator.Damage(r, stl)), false);

        byte[] x = SampleFiles.Random(2 * 3072, 5);
        yield return new("mat", SampleFiles.MatFile(x, [10, 3], false), f => SvhnFormat.Read(f, "f"),
            r => DamagedMat(r, x, compressed: false), false);
        yield return new("mat-compressed", SampleFiles.MatFile(x, [10, 3], true), f => SvhnFormat.Read(f, "f"),
            r => DamagedMat(r, x, compressed: true), true);

        byte[] png = Png.Encode(SampleFiles.Random(36, 6), new ImageShape(3, 4, 3));
        yield return new("png", png, f => Png.Decode(f, "f"), DamagedPng, true);
        byte[] ppm = [.. "P6\n# c\n4 3\n255\n"u8, .. SampleFiles.Random(36, 7)];
        yield return new("ppm", ppm, f => PnmFormat.Read(f, "f"), DamagedPnm, false);

        byte[] npy = Floats("(3, 4)", 48);
        yield return new("npy", npy, f => Npy.Parse(f, "f"), DamagedNpy, false);
        yield return new("npz", SampleFiles.NpzFile(("y", npy), ("x", npy)), f => Npz.Parse(f, "f", "x", "y"),
            DamagedNpz, true);
    }

    private static void ReadIdxImages(byte[] file)
    {
        byte[] pixels = IdxFormat.ReadImages(file, "f", out int count, out ImageShape shape);
        _ = new MemoryDataset("d", shape, ["a"], pixels, new int[count]);
    }

    private static void ReadCifar(byte[] file, int labelBytes)
    {
        int count = CifarFormat.CountRecords(file.Length, labelBytes, "f");
        CifarFormat.Read(file, labelBytes, 10, new byte[count * 3072], new int[count], "f");
    }

    /// <summary>Label bytes first, then the images: both STL-10 readers over one array.</summary>
    private static void ReadStl(byte[] file)
    {
        int count = file.Length / (StlFormat.SourceBytes + 1);
        byte[] pixels = StlFormat.ReadImages(file.AsSpan(count), "f");
        StlFormat.ReadLabels(file.AsSpan(0, count), pixels.Length / StlFormat.ImageBytes, 10, "f");
    }

    private static byte[] FixIdx(byte[] file)
    {
        int header = file.Length >= 4 && file[3] == 1 ? 8 : 16;
        if (file.Length <= header) return file;
        long perRecord = 1;
        for (int at = 8; at < header; at += 4)
            perRecord *= Math.Max(1, BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)) % 50);
        if (header == 16)
        {
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(8), 1);
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(12), (uint)Math.Min(perRecord, file.Length - header));
            perRecord = Math.Min(perRecord, file.Length - header);
        }

        uint count = (uint)((file.Length - header) / perRecord);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4), count);
        return file[..(header + (int)(count * perRecord))];
    }

    private static byte[] FixLength(byte[] file, int record) =>
        FixLengthTo(file, Math.Max(1, file.Length / record) * record);

    private static byte[] FixStl(byte[] file) => FixLengthTo(file, StlFormat.SourceBytes + 1);

    private static byte[] FixLengthTo(byte[] file, int length)
    {
        Array.Resize(ref file, length);
        return file;
    }

    private static byte[] DamagedMat(Random random, byte[] x, bool compressed)
    {
        byte[] whole = SampleFiles.MatFile(x, [10, 3], compressed: false);
        byte[] first = Element(random, SampleFiles.MatMatrix("X", [32, 32, 3, 2], x));
        byte[] second = Element(random, SampleFiles.MatMatrix("y", [2, 1], [10, (byte)random.Next(12)]));
        if (!compressed) return [.. whole.AsSpan(0, 128), .. first, .. second];
        return [.. whole.AsSpan(0, 128), .. SampleFiles.MatCompress(first), .. SampleFiles.MatCompress(second)];

        static byte[] Element(Random random, byte[] element)
        {
            // The first 64 bytes are tags, flags, dimensions and the name: that is where damage matters.
            int front = Math.Min(64, element.Length);
            byte[] damaged = random.Next(4) switch
            {
                0 => element,
                1 => Mutator.Damage(random, element),
                _ => [.. FixLengthTo(Mutator.Damage(random, element[..front]), front), .. element.AsSpan(front)],
            };
            if (damaged.Length < 8) return damaged;
            BinaryPrimitives.WriteUInt32LittleEndian(damaged, 14);
            BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(4), (uint)damaged.Length - 8);
            return damaged;
        }
    }

    private static byte[] DamagedPng(Random random)
    {
        byte colour = (byte)(random.Next(8) == 0 ? random.Next(8) : new[] { 0, 2, 3, 6 }[random.Next(4)]);
        int channels = colour == 2 ? 3 : colour == 6 ? 4 : 1;
        int width = random.Next(1, 9), height = random.Next(1, 9);
        byte[] lines = SampleFiles.Random((width * channels + 1) * height, random.Next());
        for (int y = 0; y < height; y++) lines[y * (width * channels + 1)] = (byte)random.Next(5);
        if (random.Next(4) == 0) lines = Mutator.Damage(random, lines);
        byte[] palette = SampleFiles.Random(3 * random.Next(1, 257), 1);
        byte depth = (byte)(random.Next(12) == 0 ? random.Next(20) : 8);
        if (random.Next(6) == 0) width = Mutator.Interesting(random);
        return random.Next(3) switch
        {
            0 => SampleFiles.PngFile(width, height, colour, lines, depth, extra: ("PLTE", palette)),
            1 => SampleFiles.PngFile(width, height, colour, lines, depth, (byte)random.Next(2), ("PLTE", palette),
                ("tRNS", SampleFiles.Random(random.Next(300), 1))),
            _ => SampleFiles.PngFile(width, height, colour, lines, depth),
        };
    }

    private static byte[] DamagedPnm(Random random)
    {
        int width = random.Next(8) == 0 ? Mutator.Interesting(random) : random.Next(0, 9);
        int height = random.Next(0, 9);
        int type = random.Next(10) == 0 ? random.Next(8) : random.Next(5, 7);
        byte[] header = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"P{type}{Space(random)}{width}{Space(random)}{height}{Space(random)}255\n"));
        long length = Math.Clamp((long)width * height * (type == 6 ? 3 : 1), 0, 1000);
        return [.. header, .. SampleFiles.Random((int)length, 3)];

        static string Space(Random random) => random.Next(3) switch { 0 => "\n#x\n", 1 => " ", _ => "\t \r\n" };
    }

    private static byte[] DamagedNpy(Random random)
    {
        int rows = random.Next(6) == 0 ? Mutator.Interesting(random) : random.Next(0, 9);
        int columns = random.Next(0, 9);
        string[] types = ["<f4", "<f8", "<i4", "<i8", "|u1", ">f4", "<f2"];
        string type = types[random.Next(types.Length)];
        string fortran = random.Next(6) == 0 ? "True" : "False";
        string header = string.Create(CultureInfo.InvariantCulture,
            $"{{'descr': '{type}', 'fortran_order': {fortran}, 'shape': ({rows}, {columns}), }}");
        if (random.Next(4) == 0)
            header = Encoding.Latin1.GetString(Mutator.Damage(random, Encoding.ASCII.GetBytes(header)));
        int size = type[2] - '0';
        int length = (int)Math.Clamp((long)rows * columns * size, 0, 1000);
        return SampleFiles.NpyFile(header, SampleFiles.Random(length, 3));
    }

    private static byte[] DamagedNpz(Random random)
    {
        byte[] zip = SampleFiles.NpzFile(("x", DamagedNpy(random)), ("y", Floats("(2,)", 8)));
        if (random.Next(3) != 0) return zip;
        // A false size in the directory, with everything else right.
        int entry = zip.AsSpan().IndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(entry + (random.Next(2) == 0 ? 20 : 24)),
            Mutator.Interesting(random));
        return zip;
    }

    private static byte[] Floats(string shape, int bytes) =>
        SampleFiles.NpyFile($"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}",
            SampleFiles.Random(bytes, 8));
}
