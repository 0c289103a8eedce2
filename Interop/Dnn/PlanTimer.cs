namespace Codat.Native.Interop;

/// <summary>Chooses among plans of one convolution by running them: for those who want speed and no promise.</summary>
/// <remarks>
/// A library's suggestion is a guess by its makers for many devices. The same convolution may get another plan in the
/// next process, so a promise to repeat bits excludes it.
/// </remarks>
internal sealed class PlanTimer(IDeviceMemoryResource memory, CudaStream stream)
{
    /// <summary>As many plans are compared; what a library suggests later has seldom been faster.</summary>
    public const int MostPlans = 6;

    private const int Rounds = 3, RunsPerRound = 4;

    // Any number but zero: products of zeros draw less power and run faster than those of data.
    private const byte Filling = 0x3D;

    /// <summary>The index of the fastest; 0, the library's own choice, where there is no memory to try them.</summary>
    public int Fastest(IReadOnlyList<ConvolutionPlan> plans)
    {
        if (plans.Count < 2) return 0;
        var blocks = new List<DeviceBlock>();
        try
        {
            var buffers = Allocate(plans, blocks);
            using var start = CudaEvent.Create(stream.Context, hasTiming: true);
            using var end = CudaEvent.Create(stream.Context, hasTiming: true);
            var (best, least) = (0, double.PositiveInfinity);
            for (var i = 0; i < plans.Count; i++)
            {
                var time = Time(plans[i], buffers, start, end);
                if (time < least) (best, least) = (i, time);
            }
            return best;
        }
        catch (CudaOutOfMemoryException)
        {
            return 0;
        }
        finally
        {
            foreach (var block in blocks) memory.Deallocate(block, stream);
        }
    }

    private ConvolutionBuffers Allocate(IReadOnlyList<ConvolutionPlan> plans, List<DeviceBlock> blocks)
    {
        var buffers = plans[0].BuffersOf(Take);
        return buffers with { Workspace = Take(plans.Max(p => p.WorkspaceBytes)) };

        DeviceSpan<byte> Take(long bytes)
        {
            if (bytes == 0) return default;
            var block = memory.Allocate(checked((nuint)bytes), stream);
            blocks.Add(block);
            var span = new DeviceSpan<byte>(block.Address, bytes);
            stream.EnqueueFill(span, Filling);
            return span;
        }
    }

    // Milliseconds of the best round; infinite for a plan that was built and cannot run.
    private double Time(ConvolutionPlan plan, in ConvolutionBuffers buffers, CudaEvent start, CudaEvent end)
    {
        using var binding = plan.Bind(buffers);
        var least = double.PositiveInfinity;
        try
        {
            binding.Execute();
            for (var round = 0; round < Rounds; round++)
            {
                stream.Record(start);
                for (var run = 0; run < RunsPerRound; run++) binding.Execute();
                stream.Record(end);
                end.Synchronize();
                least = Math.Min(least, end.ElapsedMs(start));
            }
            return least;
        }
        catch (CudnnException) when (stream.Context.Fault is null)
        {
            return double.PositiveInfinity;
        }
    }
}
