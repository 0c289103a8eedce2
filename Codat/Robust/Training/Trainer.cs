using System.Diagnostics;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Trains a network as the settings say and leaves a run folder behind.</summary>
/// <remarks>
/// Runs on the calling thread. The state is saved before the first step, at the end of every epoch, at least as often
/// as asked for, and when cancelled; a run continued from it ends in the same bits as one that was never stopped.
/// </remarks>
public static class Trainer
{
    /// <summary>Starts a new run.</summary>
    /// <exception cref="CodatException">The settings or the data are wrong (nothing was written), or the run
    /// failed.</exception>
    /// <exception cref="OperationCanceledException">Never thrown: a cancelled run returns with <c>stopped</c> =
    /// cancelled.</exception>
    public static TrainResult Run(
        TrainOptions options, ITrainingObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (device, note) = DeviceCatalog.Open(options, options.Precision, options.Determinism);
        using var owned = device;
        // Everything that can be wrong with the input is found out before the folder exists.
        var data = TrainingData.Load(options);
        var session = new TrainingSession(options, data, device);
        RunFolder folder;
        try
        {
            folder = RunFolder.Create(options);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        using (folder)
        using (var run = new TrainingRun(folder, options, data, session, device, observer) { DeviceNote = note })
        {
            run.SaveState();
            return run.Execute(cancellation);
        }
    }

    /// <summary>Continues a run from its saved state; one that has finished is returned as it is.</summary>
    /// <param name="path">The run folder.</param>
    /// <param name="common">Device and threads; everything else is the run's own.</param>
    /// <param name="observer">Watches the run.</param>
    /// <param name="cancellation">Stops it after the step under way.</param>
    /// <exception cref="CodatException">The folder holds no state, is in use, or the state does not fit.</exception>
    public static TrainResult Resume(
        string path, CommonOptions common, ITrainingObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(common);
        using var folder = RunFolder.Open(path);
        var options = folder.ReadConfig() with { Device = common.Device, Threads = common.Threads };
        var store = new StateStore(folder);
        var saved = store.Peek();
        // Nothing is read again but the result: its data may be long gone.
        if (saved is { Finished: true }) return RunFiles.ReadResult(folder) with { WasFinished = true };
        var (device, note) = DeviceCatalog.Open(options, options.Precision, options.Determinism);
        using var owned = device;
        var planNote = saved is null ? null : PlanNote(store, saved, device, options.Determinism);
        var data = TrainingData.Load(options);
        using var run = new TrainingRun(
            folder, options, data, new TrainingSession(options, data, device, saved), device, observer)
        {
            DeviceNote = note, PlanNote = planNote,
        };
        run.LoadState();
        return run.Execute(cancellation);
    }

    // Before the first step nothing has been computed: any device may begin.
    private static string? PlanNote(
        StateStore store, TrainingState saved, Device device, DeterminismKind determinism) =>
        store.ReadPlans(saved) is { } plans ? plans.ApplyTo(device, determinism)
        : saved.Step > 0 ? PinnedPlans.NoneOn(device, determinism)
        : null;
}
