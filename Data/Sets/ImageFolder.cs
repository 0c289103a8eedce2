using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codat.Native.Data;

/// <summary>
/// Images in folders: DIR/{train,test}/CLASS/*.png|ppm|pgm. Classes are the folders of the training split, sorted by
/// ordinal name; images are sorted by ordinal file name within their class, and all have one shape.
/// </summary>
internal static class ImageFolder
{
    internal static string SplitFolder(string folder, DatasetSplit split) =>
        Path.Combine(folder, split == DatasetSplit.Train ? "train" : "test");

    internal static void CheckSplit(string folder, DatasetSplit split, StringBuilder problems)
    {
        string path = SplitFolder(folder, split);
        bool any = Directory.Exists(path) && Directory.EnumerateDirectories(path).Any();
        if (!any)
            problems.Append(problems.Length == 0
                ? "" : ", ").Append("no class folders in ").Append(Path.GetFileName(path));
    }

    internal static MemoryDataset Read(string folder, DatasetSplit split)
    {
        string root = SplitFolder(folder, split);
        string[] classes = ClassNames(folder, split);
        List<(string Path, int Label)> files = List(root, classes);
        if (files.Count == 0)
            throw new DatasetException("the folder holds no images", root, "CLASS/*.png, *.ppm or *.pgm");

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] pixels = [];
        var labels = new int[files.Count];
        ImageShape shape = default;
        for (int i = 0; i < files.Count; i++)
        {
            (string path, labels[i]) = files[i];
            RasterImage image = ReadImage(path, root, hash);
            if (i == 0)
            {
                shape = image.Shape;
                long total = (long)files.Count * shape.Bytes;
                if (total > Array.MaxLength)
                    throw new DatasetException("the images do not fit in one array", root, "at most 2 GiB",
                        DataFile.Bytes(total), "use fewer or smaller images");
                pixels = new byte[total];
            }
            else if (image.Shape != shape)
                throw new DatasetException("the images differ in size or channels", path,
                    shape.ToString() + " as in " + files[0].Path, image.Shape.ToString());

            image.Pixels.CopyTo(pixels, i * shape.Bytes);
        }

        return new MemoryDataset(DatasetCatalog.FolderName, shape, classes, pixels, labels,
            Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static string[] ClassNames(string folder, DatasetSplit split)
    {
        string training = SplitFolder(folder, DatasetSplit.Train);
        string own = SplitFolder(folder, split);
        string[] classes = Subfolders(Directory.Exists(training) ? training : own);
        foreach (string name in Subfolders(own))
            if (Array.BinarySearch(classes, name, StringComparer.Ordinal) < 0)
                throw new DatasetException("a class of the test images has no training images", Path.Combine(own,
                    name),
                    "one of " + string.Join(", ", classes));
        return classes;
    }

    private static string[] Subfolders(string folder)
    {
        string[] names = Array.ConvertAll(Directory.GetDirectories(folder), path => Path.GetFileName(path));
        names = Array.FindAll(names, name => name[0] != '.');
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    private static List<(string Path, int Label)> List(string root, string[] classes)
    {
        var files = new List<(string, int)>();
        for (int label = 0; label < classes.Length; label++)
        {
            string folder = Path.Combine(root, classes[label]);
            if (!Directory.Exists(folder)) continue;
            string[] paths = Directory.GetFiles(folder);
            Array.Sort(paths, StringComparer.Ordinal);
            foreach (string path in paths)
            {
                if (IsReadable(path)) files.Add((path, label));
                else if (IsOtherImage(path))
                    throw new DatasetException("this image format is not supported", path, "png, ppm or pgm",
                        Path.GetExtension(path), "convert the images to PNG");
            }
        }

        return files;
    }

    private static bool IsReadable(string path) => HasExtension(path, ".png", ".ppm", ".pgm");

    private static bool IsOtherImage(string path) =>
        HasExtension(path, ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp");

    private static bool HasExtension(string path, params ReadOnlySpan<string> extensions)
    {
        foreach (string extension in extensions)
            if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    private static RasterImage ReadImage(string path, string root, IncrementalHash hash)
    {
        byte[] file = DataFile.ReadAll(path);
        hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(root, path).Replace('\\', '/') + "\0"));
        hash.AppendData(file);
        RasterImage image = HasExtension(path, ".png") ? Png.Decode(file, path) : PnmFormat.Read(file, path);
        return image.Shape.Channels == 4 ? DropAlpha(image, path) : image;
    }

    /// <summary>
    /// RGBA to RGB where nothing is transparent; what a transparent pixel should look like is not ours to guess.
    /// </summary>
    private static RasterImage DropAlpha(RasterImage image, string where)
    {
        int count = image.Shape.Height * image.Shape.Width;
        var pixels = new byte[count * 3];
        for (int i = 0; i < count; i++)
        {
            if (image.Pixels[4 * i + 3] != 255)
                throw new DatasetException("the image has transparent pixels", where,
                    found: string.Create(CultureInfo.InvariantCulture, $"alpha {image.Pixels[4 * i + 3]}"),
                    fix: "flatten it onto a background");
            image.Pixels.AsSpan(4 * i, 3).CopyTo(pixels.AsSpan(3 * i));
        }

        return new RasterImage(image.Shape with { Channels = 3 }, pixels);
    }
}
