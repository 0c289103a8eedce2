using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Fills the left operand from pixels and the right one from weights.</content>
internal sealed unsafe partial class GatherConv<T, V, S>
{
    /// <inheritdoc/>
    public override void Pack(T* weights, T* packed, CpuWorkers workers)
    {
        fixed (GatherPhase* phases = _phases)
        {
            PackJob job = new()
            {
                Pass = _pass,
                Phases = phases,
                Panels = Panels<T, V, S>.Count(_pass.OutChannels),
                Weights = weights,
                Packed = packed,
            };
            workers.Run(job.Panels * _phases.Length, &PackPanel, &job);
        }
    }

    // [depth][output channel] with the depth in the order kernel row, kernel column, input channel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPanel(void* context, int task, int worker)
    {
        ref PackJob job = ref *(PackJob*)context;
        ref GatherPhase phase = ref job.Phases[task / job.Panels];
        int panel = task % job.Panels;
        int outChannels = job.Pass.OutChannels;
        int inChannels = job.Pass.InChannels;
        int first = panel * Panels<T, V, S>.Full;
        int count = Panels<T, V, S>.Channels(outChannels, panel);
        int panelWidth = Panels<T, V, S>.Vectors(outChannels, panel) * S.Width;
        T* to = job.Packed + phase.Packed + ((nint)first * phase.Depth);
        if (count < panelWidth)
        {
            new Span<T>(to, phase.Depth * panelWidth).Clear();
        }

        nint channelStep = (nint)(job.Pass.WeightIndex(0, 1, 0, 0) - job.Pass.WeightIndex(0, 0, 0, 0));
        for (int a = 0; a < phase.TapsH; a++)
        {
            for (int b = 0; b < phase.TapsW; b++)
            {
                int r = phase.R0 + (a * phase.RStep), s = phase.S0 + (b * phase.SStep);
                for (int k = 0; k < count; k++)
                {
                    T* from = job.Weights + job.Pass.WeightIndex(first + k, 0, r, s);
                    T* cell = to + k;
                    for (int c = 0; c < inChannels; c++)
                    {
                        *cell = *from;
                        cell += panelWidth;
                        from += channelStep;
                    }
                }

                to += (nint)inChannels * panelWidth;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherWindows(
        in Job job, in GatherPhase phase, long firstPixel, int pixels, T* zeros, T* row, T* left)
    {
        int height = job.Pass.InHeight, width = job.Pass.InWidth, channels = job.Pass.InChannels;
        bool whole = channels % S.Width == 0;
        nint blockElements = PanelKernel<T, V, S>.LeftElements(phase.Depth);
        nint chunk = S.Rows * S.Width;
        PixelWalk walk = new(firstPixel, phase.CountH, phase.CountW);
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            T* to = left + (pixel / S.Rows * blockElements) + (pixel % S.Rows * S.Width);
            T* cell = row;
            int y0 = phase.InH + (walk.Y * phase.InStrideH), x0 = phase.InW + (walk.X * phase.InStrideW);
            for (int a = 0; a < phase.TapsH; a++)
            {
                int y = y0 + (a * phase.TapStep);
                bool rowInside = (uint)y < (uint)height;
                for (int b = 0; b < phase.TapsW; b++)
                {
                    int x = x0 + (b * phase.TapStep);
                    T* from = rowInside && (uint)x < (uint)width
                        ? job.Input + ((((nint)walk.Image * height) + y) * width + x) * channels
                        : zeros;
                    if (whole)
                    {
                        for (int c = 0; c < channels; c += S.Width)
                        {
                            S.Store(to, S.Load(from + c));
                            to += chunk;
                        }
                    }
                    else
                    {
                        Copy(from, cell, channels);
                        cell += channels;
                    }
                }
            }

            if (!whole)
            {
                // Pixels that do not fill vectors are joined to one row of the whole depth first.
                for (T* source = row; source < cell; source += S.Width)
                {
                    S.Store(to, S.Load(source));
                    to += chunk;
                }
            }

            walk.Next();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(T* from, T* to, int count)
    {
        int i = 0;
        for (; i <= count - S.Width; i += S.Width)
        {
            S.Store(to + i, S.Load(from + i));
        }

        for (; i < count; i++)
        {
            to[i] = from[i];
        }
    }

    private struct PackJob
    {
        public ConvPass Pass;
        public GatherPhase* Phases;
        public int Panels;
        public T* Weights;
        public T* Packed;
    }
}
