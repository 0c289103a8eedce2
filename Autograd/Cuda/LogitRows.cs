using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Launches of kernels that give each row of logits a warp.</summary>
internal static class LogitRows
{
    private const int RowsPerBlock = 8;

    public static LaunchShape Shape(long rows) => new((rows + RowsPerBlock - 1) / RowsPerBlock, 32 * RowsPerBlock);
}
