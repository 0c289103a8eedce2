namespace Codat.Native.Interop;

/// <summary>An algorithm and the workspace it needs.</summary>
internal readonly record struct MatmulChoice(cublasLtMatmulAlgo_t Algorithm, long WorkspaceBytes);
