using System.Security.Cryptography;

namespace Codat.Native.Data;

/// <summary>Reads one split of a data set whose files have been checked; one method for each layout.</summary>
internal static class DatasetReader
{
    internal static MemoryDataset Read(DatasetInfo info, string folder, DatasetSplit split) => info.Name switch
    {
        "cifar10" => ReadCifar(info, folder, split, labelBytes: 1),
        "cifar100" => ReadCifar(info, folder, split, labelBytes: 2),
        "svhn" => ReadSvhn(info, folder, split),
        "stl10" => ReadStl(info, folder, split),
        DatasetCatalog.FolderName => ImageFolder.Read(folder, split),
        DatasetCatalog.NpzName => NpzArrays.Read(folder, split),
        _ => ReadIdx(info, folder, split),
    };

    private static MemoryDataset ReadIdx(DatasetInfo info, string folder, DatasetSplit split)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<string> paths = Paths(info, folder, split);
        byte[] pixels = IdxFormat.ReadImages(ReadHashed(paths[0], hash), paths[0], out int count,
            out ImageShape shape);
        int[] labels = IdxFormat.ReadLabels(ReadHashed(paths[1], hash), info.ClassNames.Count, paths[1]);
        if (shape != info.Shape)
            throw new DatasetException("the images have another size", paths[0], info.Shape.ToString(),
                shape.ToString());
        if (labels.Length != count)
            throw new DatasetException("the label file does not match the images", paths[1],
                DataFile.Number(count) + " labels", DataFile.Number(labels.Length));
        return Create(info, shape, pixels, labels, hash);
    }

    private static MemoryDataset ReadCifar(DatasetInfo info, string folder, DatasetSplit split, int labelBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<string> paths = Paths(info, folder, split);
        int count = 0;
        foreach (string path in paths) count += CifarFormat.CountRecords(new FileInfo(path).Length, labelBytes, path);
        var pixels = new byte[(long)count * CifarFormat.ImageBytes];
        var labels = new int[count];
        int done = 0;
        foreach (string path in paths)
        {
            byte[] file = ReadHashed(path, hash);
            int records = Math.Min(CifarFormat.CountRecords(file.Length, labelBytes, path), count - done);
            CifarFormat.Read(file, labelBytes, info.ClassNames.Count,
                pixels.AsSpan(done * CifarFormat.ImageBytes), labels.AsSpan(done, records), path);
            done += records;
        }

        return Create(info, CifarFormat.Shape, pixels, labels, hash);
    }

    private static MemoryDataset ReadSvhn(DatasetInfo info, string folder, DatasetSplit split)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string path = Paths(info, folder, split)[0];
        (byte[] pixels, int[] labels) = SvhnFormat.Read(ReadHashed(path, hash), path);
        return Create(info, SvhnFormat.Shape, pixels, labels, hash);
    }

    private static MemoryDataset ReadStl(DatasetInfo info, string folder, DatasetSplit split)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<string> paths = Paths(info, folder, split);
        byte[] pixels = StlFormat.ReadImages(ReadHashed(paths[0], hash), paths[0]);
        int[] labels = StlFormat.ReadLabels(ReadHashed(paths[1], hash), pixels.Length / StlFormat.ImageBytes,
            info.ClassNames.Count, paths[1]);
        return Create(info, StlFormat.Shape, pixels, labels, hash);
    }

    private static List<string> Paths(DatasetInfo info, string folder, DatasetSplit split)
    {
        var paths = new List<string>();
        foreach (DatasetFile file in info.Files)
            if (file.Split == split) paths.Add(DatasetCatalog.Locate(file, folder).Path);
        return paths;
    }

    private static byte[] ReadHashed(string path, IncrementalHash hash)
    {
        byte[] bytes = DataFile.ReadAll(path);
        hash.AppendData(bytes);
        return bytes;
    }

    private static MemoryDataset Create(DatasetInfo info, ImageShape shape, byte[] pixels, int[] labels,
        IncrementalHash hash) =>
        new(info.Name, shape, info.ClassNames, pixels, labels, Convert.ToHexStringLower(hash.GetHashAndReset()));
}
