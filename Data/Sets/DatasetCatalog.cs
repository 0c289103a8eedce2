using System.Globalization;
using System.Text;

namespace Codat.Native.Data;

/// <summary>The data sets by name: what they are, where their files are looked for, and how they are loaded.</summary>
public static partial class DatasetCatalog
{
    internal const string MiniName = "fashion-mnist-mini", FolderName = "folder", NpzName = "npz";
    internal const string SyntheticName = "synthetic";

    /// <summary>Every data set, the one that ships first.</summary>
    public static IReadOnlyList<DatasetInfo> All => s_all;

    /// <summary>
    /// Where data is kept unless told otherwise: <c>$CODAT_DATA</c>, else <c>$XDG_DATA_HOME/codat</c>, else
    /// <c>codat</c> in the local application data folder.
    /// </summary>
    public static string DefaultFolder => ChooseDefaultFolder(Environment.GetEnvironmentVariable);

    /// <summary>The data set of this name.</summary>
    /// <exception cref="DatasetException">There is none; the message lists those there are.</exception>
    public static DatasetInfo Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var names = new StringBuilder();
        foreach (DatasetInfo info in s_all)
        {
            if (info.Name == name) return info;
            names.Append(names.Length == 0 ? "" : ", ").Append(info.Name);
        }

        throw new DatasetException("unknown data set", "--dataset", names.ToString(), name);
    }

    /// <summary>
    /// The folder that holds the files of a data set, or would hold them: beside the program for the one that ships,
    /// else the first of DIR and DIR/NAME (with or without the folder of the official archive) that has most of its
    /// files.
    /// </summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="dataFolder">DIR: the user's folder, or null for <see cref="DefaultFolder"/>.</param>
    public static string Find(string name, string? dataFolder)
    {
        DatasetInfo info = Get(name);
        if (info.Ships) return Path.Combine(AppContext.BaseDirectory, "datasets", info.Name);
        string root = dataFolder ?? DefaultFolder;
        string home = Path.Combine(root, info.Name);
        string[] candidates = info.Folder is null
            ? [home, root]
            : [Path.Combine(home, info.Folder), home, Path.Combine(root, info.Folder), root];
        string best = candidates[0];
        int most = 0;
        foreach (string candidate in candidates)
        {
            int present = CountPresent(info, candidate);
            if (present <= most) continue;
            most = present;
            best = candidate;
        }

        return best;
    }

    /// <summary>
    /// Checks that every file of the given splits is there with exactly its length, without reading any, and returns
    /// the folder they are in.
    /// </summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="dataFolder">The user's folder, or null for <see cref="DefaultFolder"/>.</param>
    /// <param name="splits">The splits that will be read; none means both.</param>
    /// <exception cref="DatasetException">The message lists every file that is missing or has the wrong
    /// length.</exception>
    public static string CheckFiles(string name, string? dataFolder, params ReadOnlySpan<DatasetSplit> splits)
    {
        DatasetInfo info = Get(name);
        if (splits.IsEmpty) splits = [DatasetSplit.Train, DatasetSplit.Test];
        if (info.Name == SyntheticName) return "";
        string folder = Find(name, dataFolder);
        var problems = new StringBuilder();
        foreach (DatasetSplit split in splits)
        {
            if (info.Name == FolderName) ImageFolder.CheckSplit(folder, split, problems);
            else if (info.Name == NpzName) CheckExists(NpzFile(folder, split), problems);
            else CheckSizes(info, folder, split, problems);
        }

        if (problems.Length == 0) return folder;
        throw new DatasetException("files of " + name + " are missing or have the wrong length", folder,
            found: problems.ToString(), fix: Remedy(info));
    }

    /// <summary>Loads one split into memory, after checking its files.</summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="dataFolder">The user's folder, or null for <see cref="DefaultFolder"/>.</param>
    /// <param name="split">Which part.</param>
    /// <param name="seed">Seed of a synthetic data set; the others do not use it.</param>
    /// <exception cref="DatasetException">A file is missing, damaged or of another data set.</exception>
    public static MemoryDataset Load(string name, string? dataFolder, DatasetSplit split, ulong seed = 0)
    {
        if (Get(name).Name == SyntheticName)
            return SyntheticDataset.Create(SyntheticOptions.Default with { Seed = seed }, split);
        string folder = CheckFiles(name, dataFolder, split);
        return DatasetReader.Read(Get(name), folder, split);
    }

    internal static string ChooseDefaultFolder(Func<string, string?> environment)
    {
        if (environment("CODAT_DATA") is { Length: > 0 } own) return own;
        string? shared = environment("XDG_DATA_HOME");
        // The convention says to ignore a relative path there.
        if (shared is null || !Path.IsPathRooted(shared))
            shared = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(shared, "codat");
    }

    /// <summary>The file as it lies in the folder: as published, or unpacked where that is allowed.</summary>
    internal static (string Path, long Bytes) Locate(DatasetFile file, string folder)
    {
        string path = Path.Combine(folder, file.Name);
        if (file.UnpackedBytes is not { } unpacked || File.Exists(path)) return (path, file.Bytes);
        string plain = Path.Combine(folder, Path.GetFileNameWithoutExtension(file.Name));
        return File.Exists(plain) ? (plain, unpacked) : (path, file.Bytes);
    }

    internal static string NpzFile(string folder, DatasetSplit split) =>
        Path.Combine(folder, split == DatasetSplit.Train ? "train.npz" : "test.npz");

    internal static string Remedy(DatasetInfo info) =>
        info.CanFetch ? "get them with: codat data fetch " + info.Name
        : info.Ships ? "they ship with the program: install it again"
        : "give the folder with --data DIR";

    private static int CountPresent(DatasetInfo info, string folder)
    {
        int present = 0;
        if (info.Name is FolderName or NpzName)
        {
            foreach (DatasetSplit split in (ReadOnlySpan<DatasetSplit>)[DatasetSplit.Train, DatasetSplit.Test])
            {
                bool found = info.Name == NpzName
                    ? File.Exists(NpzFile(folder, split))
                    : Directory.Exists(ImageFolder.SplitFolder(folder, split));
                if (found) present++;
            }
        }

        foreach (DatasetFile file in info.Files)
            if (File.Exists(Locate(file, folder).Path)) present++;
        return present;
    }

    private static void CheckSizes(DatasetInfo info, string folder, DatasetSplit split, StringBuilder problems)
    {
        foreach (DatasetFile file in info.Files)
        {
            if (file.Split != split) continue;
            (string path, long bytes) = Locate(file, folder);
            var found = new FileInfo(path);
            if (!found.Exists) CheckExists(path, problems);
            else if (found.Length != bytes)
                problems.Append(problems.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture,
                    $"{found.Name} with {found.Length:N0} bytes instead of {bytes:N0}");
        }
    }

    private static void CheckExists(string path, StringBuilder problems)
    {
        if (!File.Exists(path))
            problems.Append(problems.Length == 0 ? "" : ", ").Append("no ").Append(Path.GetFileName(path));
    }
}
