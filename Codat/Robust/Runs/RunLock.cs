using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Holds a run folder for one process. The system lets go when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _handle;

    private RunLock(FileStream handle) => _handle = handle;

    /// <summary>Takes the folder.</summary>
    /// <exception cref="CodatException">A live process holds it.</exception>
    internal static RunLock Take(string folder, string lockPath)
    {
        try
        {
            // The file itself means nothing and stays behind; only the open handle locks.
            return new RunLock(new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException
            or PathTooLongException))
        {
            throw new CodatException("the run folder is in use by a live process", folder, "a run that has ended",
                "a locked folder", "wait for it, stop it, or give another --out", inner: error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
