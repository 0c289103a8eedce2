namespace Codat.Native.Data;

/// <summary>One numeric array of a MATLAB file: name, dimensions (first one fastest) and values as stored.</summary>
/// <param name="Name">Variable name.</param>
/// <param name="Dimensions">Lengths; values lie in column-major order.</param>
/// <param name="StorageType">The miXXX code of the stored values, which may be narrower than the array's class.</param>
/// <param name="Data">The stored values.</param>
internal sealed record MatArray(string Name, int[] Dimensions, int StorageType, ReadOnlyMemory<byte> Data);
