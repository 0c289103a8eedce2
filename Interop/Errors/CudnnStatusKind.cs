namespace Codat.Native.Interop;

/// <summary>What kind of failure a status of cuDNN 9 is; its thousands tell.</summary>
public enum CudnnStatusKind
{
    /// <summary>No failure.</summary>
    Success,

    /// <summary>The library, a part of it or its handle is not usable.</summary>
    NotInitialized,

    /// <summary>An argument is wrong.</summary>
    BadParameter,

    /// <summary>No engine does this: the next candidate may.</summary>
    NotSupported,

    /// <summary>The library failed inside.</summary>
    InternalError,

    /// <summary>A kernel could not be run.</summary>
    ExecutionFailed,

    /// <summary>A number of a later version.</summary>
    Unknown,
}
