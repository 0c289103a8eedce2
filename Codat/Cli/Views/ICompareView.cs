using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Shows a comparison while it goes on.</summary>
internal interface ICompareView : ICompareObserver, IProgressView
{
    /// <summary>Runs the work inside the view, which may own the screen meanwhile.</summary>
    T Run<T>(Func<T> work);
}
