namespace Codat.Native.Robust;

/// <summary>Watches a comparison. All calls come from the thread that trains; each must return quickly.</summary>
internal interface ICompareObserver
{
    /// <summary>The comparison begins.</summary>
    void Planned(IReadOnlyList<PlannedRun> runs);

    /// <summary>
    /// A run begins or is taken up again; the returned observer watches it and is disposed when it ends.
    /// </summary>
    ITrainingObserver Started(PlannedRun run);

    /// <summary>A run is done: now, or before this start.</summary>
    void Done(PlannedRun run, ComparedRun result, bool before);

    /// <summary>A run failed; the others go on.</summary>
    void Failed(PlannedRun run, string why);

    /// <summary>Work other than training goes on.</summary>
    void Progressed(string what, long done, long total);
}
