using System.Globalization;

namespace Codat.Native.Data;

/// <summary>Whole files as byte arrays, with every failure turned into a <see cref="DatasetException"/>.</summary>
internal static class DataFile
{
    internal static byte[] ReadAll(string path)
    {
        using FileStream stream = Open(path);
        if (stream.Length > Array.MaxLength)
            throw new DatasetException("the file is too large", path, "at most 2 GiB", Bytes(stream.Length));
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)stream.Length);
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (IOException e)
        {
            throw Unreadable(path, e);
        }

        return bytes;
    }

    /// <summary>SHA-256 of a whole file, lower-case hex.</summary>
    internal static string Hash(string path)
    {
        using FileStream stream = Open(path);
        try
        {
            return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream));
        }
        catch (IOException e)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Opens a file to be read from start to end.</summary>
    internal static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException("the file does not exist", path, inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    internal static string Bytes(long count) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} byte{(count == 1 ? "" : "s")}");

    internal static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static DatasetException Unreadable(string path, Exception e) =>
        new("the file cannot be read", path, found: e.Message, isUsage: false, inner: e);
}
