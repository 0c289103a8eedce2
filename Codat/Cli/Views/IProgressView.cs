namespace Codat.Native.Cli;

/// <summary>Shows how far a piece of work has come.</summary>
internal interface IProgressView
{
    /// <summary>Reports progress; cheap enough to be called for every batch.</summary>
    /// <param name="what">What is being done, such as <c>test pgd-20</c>.</param>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units in all.</param>
    void Progress(string what, long done, long total);

    /// <summary>Tells something worth a line.</summary>
    void Notice(string line);
}
