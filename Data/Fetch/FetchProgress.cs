namespace Codat.Native.Data;

/// <summary>How far a download has come.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Bytes">Bytes there so far, those of earlier attempts included.</param>
/// <param name="Total">Length of the file.</param>
public readonly record struct FetchProgress(string File, long Bytes, long Total);
