using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Worker threads that run the tiles of a kernel; a run allocates nothing on the managed heap.</summary>
/// <remarks>One thread at a time may start runs. Which worker gets which tile is not fixed, so no result may depend on
/// it.</remarks>
internal sealed unsafe class CpuWorkers : IDisposable
{
    // A worker that found no work spins this often before it sleeps: kernels of a plan follow each other within
    // microseconds, while a plan that is not running must not burn a core.
    private const int SpinsBeforeSleep = 60;

    [ThreadStatic]
    private static CpuWorkers? s_current;

    [ThreadStatic]
    private static int s_currentWorker;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wakeUps;
    private readonly ManualResetEventSlim _finished = new(initialState: true, spinCount: SpinsBeforeSleep);
    private delegate*<void*, int, int, void> _body;
    private void* _context;
    private int _tiles;
    private int _nextTile;
    private int _workersAtWork;
    private int _isRunning;
    private ExceptionDispatchInfo? _error;
    private volatile bool _isStopping;

    /// <summary>
    /// Starts <paramref name="threads"/> - 1 background threads; the caller of <see cref="Run"/> is the last worker.
    /// </summary>
    public CpuWorkers(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        Threads = threads;
        _threads = new Thread[threads - 1];
        // The first wait that really blocks allocates; it happens here and not in somebody's step.
        _finished.Reset();
        _finished.Wait(1);
        _finished.Set();
        _wakeUps = new SemaphoreSlim[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            _wakeUps[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(WorkerLoop, maxStackSize: 4 << 20)
            {
                IsBackground = true,
                Name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"codat-cpu-{i + 1}"),
            };
            _threads[i].Start(i + 1);
        }
    }

    /// <summary>The number of workers, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Who is told of the work of every thread; null but in a profile. Not to be set during a run.</summary>
    public IWorkerWatch? Watch { get; set; }

    /// <summary>
    /// Calls <c>body(context, tile, worker)</c> for every tile in [0, tiles) and returns when all are done.
    /// </summary>
    /// <remarks>
    /// Tiles are claimed in ascending order. An exception in a body stops the claiming and is thrown here once every
    /// worker has stopped. A run started inside a body runs inline on that worker.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Another thread is in a run of these workers.</exception>
    public void Run(int tiles, delegate*<void*, int, int, void> body, void* context)
    {
        ObjectDisposedException.ThrowIf(_isStopping, this);
        if (s_current == this)
        {
            RunInline(tiles, body, context, s_currentWorker);
            return;
        }

        if (Interlocked.Exchange(ref _isRunning, 1) != 0)
        {
            throw new InvalidOperationException("CpuWorkers.Run was called by two threads at once.");
        }

        CpuWorkers? outer = s_current;
        int outerWorker = s_currentWorker;
        s_current = this;
        s_currentWorker = 0;
        try
        {
            int helpers = Math.Min(_threads.Length, tiles - 1);
            if (helpers <= 0)
            {
                RunInline(tiles, body, context, 0);
                return;
            }

            RunShared(tiles, body, context, helpers);
        }
        finally
        {
            s_current = outer;
            s_currentWorker = outerWorker;
            Volatile.Write(ref _isRunning, 0);
        }
    }

    /// <summary>Ends the background threads.</summary>
    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        foreach (SemaphoreSlim wakeUp in _wakeUps)
        {
            wakeUp.Release();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach (SemaphoreSlim wakeUp in _wakeUps)
        {
            wakeUp.Dispose();
        }

        _finished.Dispose();
    }

    private static void RunInline(int tiles, delegate*<void*, int, int, void> body, void* context, int worker)
    {
        for (int tile = 0; tile < tiles; tile++)
        {
            body(context, tile, worker);
        }
    }

    private void RunShared(int tiles, delegate*<void*, int, int, void> body, void* context, int helpers)
    {
        _body = body;
        _context = context;
        _tiles = tiles;
        _nextTile = 0;
        _error = null;
        _workersAtWork = helpers + 1;
        _finished.Reset();
        for (int i = 0; i < helpers; i++)
        {
            _wakeUps[i].Release(); // also publishes the fields above
        }

        ClaimTiles(worker: 0);
        _finished.Wait();
        _error?.Throw();
    }

    private void ClaimTiles(int worker)
    {
        var watch = Watch;
        var start = watch is null ? 0 : Stopwatch.GetTimestamp();
        try
        {
            int tile;
            while ((tile = Interlocked.Increment(ref _nextTile) - 1) < _tiles)
            {
                _body(_context, tile, worker);
            }
        }
#pragma warning disable CA1031 // Kept for the caller, whatever it is.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(e), null);
            Volatile.Write(ref _nextTile, int.MaxValue / 2); // far from overflow, beyond every tile
        }
        finally
        {
            watch?.Worked(worker, start, Stopwatch.GetTimestamp());
            if (Interlocked.Decrement(ref _workersAtWork) == 0)
            {
                _finished.Set();
            }
        }
    }

    private void WorkerLoop(object? argument)
    {
        int worker = (int)argument!;
        s_current = this;
        s_currentWorker = worker;
        SemaphoreSlim wakeUp = _wakeUps[worker - 1];
        while (true)
        {
            SpinWait spin = default;
            while (wakeUp.CurrentCount == 0 && spin.Count < SpinsBeforeSleep)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            wakeUp.Wait();
            if (_isStopping)
            {
                return;
            }

            ClaimTiles(worker);
        }
    }
}
