namespace Codat.Native.Interop;

/// <summary>Outcome of an update of an executable graph.</summary>
internal struct CUgraphExecUpdateResultInfo
{
    public CUgraphExecUpdateResult Result;
    public CUgraphNode ErrorNode;
    public CUgraphNode ErrorFromNode;
}
