namespace Codat.Native.Robust;

/// <summary>How to get the same run again: its settings and its manifest.</summary>
internal static class RecordSections
{
    /// <summary>Every setting of one run.</summary>
    public static Html Settings(ReportRun run) => run.View.Settings.Count == 0
        ? PageParts.Missing(run, "settings", "Settings", "config.json is missing or empty, so the settings are not "
            + "known.")
        : PageParts.Section(run, "settings", "Settings", Html.Of($"Everything the run was told, complete: the "
            + $"config.json beside this page runs it again."),
            PageParts.Pairs(run.View.Settings));

    /// <summary>Versions, device, hashes and what was read when.</summary>
    public static Html Manifest(ReportRun run) => run.View.Manifest.Count == 0
        ? PageParts.Missing(run, "manifest", "Manifest", "manifest.json is missing or empty: versions, device and "
            + "hashes are not known.")
        : PageParts.Section(run, "manifest", "Manifest", Html.Of($"What the numbers rest on: versions, device, hashes "
            + $"of data and weights, and every split that was read."),
            PageParts.Pairs(run.View.Manifest));
}
