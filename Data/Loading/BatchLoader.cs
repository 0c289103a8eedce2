using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Codat.Native.Data;

/// <summary>
/// Reads batches ahead on a thread of its own into a ring of slots, so that training finds the next batch ready. After
/// the ring is full nothing is allocated.
/// </summary>
/// <remarks>
/// <see cref="Next"/> and <see cref="Return"/> are for one consumer thread; slots are returned in the order they were
/// handed out. An error while reading is thrown by <see cref="Next"/> once the batches before it have been handed out.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(10);

    // Not a Lock: that allocates a wait handle the first time two threads meet, which may be long after warm-up.
    private readonly object _gate = new();
    private readonly SemaphoreSlim _ready = new(0);
    private readonly SemaphoreSlim _free;
    private readonly BatchSlot[] _slots;
    private readonly BatchLoaderOptions _options;
    private readonly int[] _positions;
    private readonly int _imageBytes;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _stopToken;
    private readonly CancellationToken _userToken;
    private ExceptionDispatchInfo? _failure;
    private long _taken;
    private long _returned;
    private long _filled;
    private long _waitTicks;
    private bool _disposed;

    /// <summary>Starts reading.</summary>
    /// <param name="options">What to read and where to.</param>
    /// <param name="cancellation">Ends the loader; <see cref="Next"/> then throws.</param>
    /// <exception cref="ArgumentException">The start lies outside the epoch, a slot's memory is too small, or the
    /// layout is of other batches.</exception>
    public BatchLoader(BatchLoaderOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.StartEpoch, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)options.StartBatch,
            (uint)options.Sampler.BatchesPerEpoch, nameof(options));
        _options = options;
        Layout = options.Layout ?? new BatchLayout(options.Sampler.BatchSize, options.Dataset.Shape);
        if (Layout.BatchSize != options.Sampler.BatchSize || Layout.Shape != options.Dataset.Shape)
            throw new ArgumentException("The layout is not of this sampler and data set.", nameof(options));
        _imageBytes = options.Dataset.Shape.Bytes;
        _positions = new int[Layout.BatchSize];
        _slots = new BatchSlot[options.Slots];
        for (int i = 0; i < _slots.Length; i++) _slots[i] = new BatchSlot(i, Layout, CreateMemory(i));
        _free = new SemaphoreSlim(_slots.Length);
        _userToken = cancellation;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _stopToken = _stop.Token;
        _thread = new Thread(Work) { IsBackground = true, Name = "codat batch loader" };
        _thread.Start();
    }

    /// <summary>Where the parts of a batch lie in a slot.</summary>
    public BatchLayout Layout { get; }

    /// <summary>Time the consumer has spent waiting in <see cref="Next"/>.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _waitTicks));

    /// <summary>The next batch, waiting until it is there; null after the last.</summary>
    /// <exception cref="OperationCanceledException">The token given to the constructor was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Every slot is in use by the consumer.</exception>
    public BatchSlot? Next()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_taken - _returned == _slots.Length)
            throw new InvalidOperationException("Every slot is in use: return one before asking for the next.");
        if (!_ready.Wait(0, CancellationToken.None))
        {
            long start = Stopwatch.GetTimestamp();
            _ready.Wait(_userToken);
            Volatile.Write(ref _waitTicks, _waitTicks + Stopwatch.GetTimestamp() - start);
        }

        _userToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_taken < _filled) return _slots[_taken++ % _slots.Length];
            // The end and a failure stay: every later call finds them again.
            _ready.Release();
            _failure?.Throw();
            return null;
        }
    }

    /// <summary>Gives a slot back to be filled again; its contents are gone from then on.</summary>
    /// <exception cref="InvalidOperationException">It is not the slot that was handed out longest ago.</exception>
    public void Return(BatchSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (_returned == _taken || !ReferenceEquals(slot, _slots[_returned % _slots.Length]))
            throw new InvalidOperationException("Slots are returned once, in the order they were handed out.");
        _returned++;
        if (!_disposed) _free.Release();
    }

    /// <summary>
    /// Stops the thread and waits for it, ten seconds at most: a data set that never comes back from a read must not
    /// hold up the consumer. Memory given to the slots may be freed after this unless such a read is still going on.
    /// </summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _stop.Cancel();
        if (!_thread.Join(s_stopTimeout)) return;
        _stop.Dispose();
        _ready.Dispose();
        _free.Dispose();
    }

    private Memory<byte> CreateMemory(int index)
    {
        Memory<byte> memory = _options.SlotMemory?.Invoke(index) ?? new byte[Layout.TotalBytes];
        return memory.Length >= Layout.TotalBytes
            ? memory[..Layout.TotalBytes]
            : throw new ArgumentException("The memory of a slot is smaller than its batch.", nameof(index));
    }

    private void Work()
    {
        try
        {
            int batch = _options.StartBatch;
            for (int epoch = _options.StartEpoch; epoch < _options.EndEpoch; epoch++, batch = 0)
            {
                for (; batch < _options.Sampler.BatchesPerEpoch; batch++)
                {
                    _free.Wait(_stopToken);
                    Fill(_slots[_filled % _slots.Length], epoch, batch);
                    lock (_gate) _filled++;
                    _ready.Release();
                }
            }
        }
        catch (Exception e)
        {
            // The one place that may catch everything: a thread's boundary. The consumer throws it.
            lock (_gate) _failure = ExceptionDispatchInfo.Capture(e);
        }

        _ready.Release();
    }

    private void Fill(BatchSlot slot, int epoch, int batch)
    {
        IDataset dataset = _options.Dataset;
        int count = _options.Sampler.Fill(epoch, batch, _positions);
        Span<byte> pixels = slot.Pixels;
        Span<int> labels = slot.Labels, ids = slot.SampleIds, augment = slot.Augment;
        for (int i = 0; i < count; i++)
        {
            _stopToken.ThrowIfCancellationRequested();
            int position = _positions[i];
            if (!pixels.IsEmpty) dataset.Read(position, pixels.Slice(i * _imageBytes, _imageBytes));
            labels[i] = dataset.Label(position);
            ids[i] = _options.Sampler.DrawId(batch, i, dataset.SampleId(position));
            _options.Augment.Draw(_options.Seed, ids[i], epoch,
                augment.Slice(i * AugmentRecipe.Parameters, AugmentRecipe.Parameters));
        }

        slot.Epoch = epoch;
        slot.Batch = batch;
        slot.Count = count;
    }
}
