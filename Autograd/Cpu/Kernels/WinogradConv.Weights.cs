using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>
/// The transform of the weights along columns and rows, into panels [panel][position][input channel][output channel].
/// </content>
internal sealed unsafe partial class WinogradConv<T, V, S, F>
{
    /// <inheritdoc/>
    public override void Pack(T* weights, T* packed, CpuWorkers workers)
    {
        PackJob job = new() { Pass = _pass, Weights = weights, Packed = packed };
        workers.Run(Panels<T, V, S>.Count(_pass.OutChannels), &PackPanel, &job);
    }

    private static void PackPanel(void* context, int panel, int worker)
    {
        ref PackJob job = ref *(PackJob*)context;
        int outChannels = job.Pass.OutChannels;
        int inChannels = job.Pass.InChannels;
        int first = panel * Panels<T, V, S>.Full;
        int count = Panels<T, V, S>.Channels(outChannels, panel);
        int panelWidth = Panels<T, V, S>.Vectors(outChannels, panel) * S.Width;
        nint position = (nint)inChannels * panelWidth;
        T* to = job.Packed + ((nint)first * F.Positions * inChannels);
        if (job.Pass.Direction == ConvDirection.Forward)
        {
            PackForward(job, first, count, panelWidth, position, to);
        }
        else
        {
            PackInputGradient(job, first, count, panelWidth, position, to);
        }
    }

    // Vectors along the input channels, which lie side by side in the weights; the panel wants them one below the
    // other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackForward(in PackJob job, int first, int count, int panelWidth, nint position, T* to)
    {
        int inChannels = job.Pass.InChannels;
        V* block = stackalloc V[F.Positions];
        V* taps = stackalloc V[9];
        V* rows = stackalloc V[3 * Side];
        for (int k = 0; k < panelWidth; k++)
        {
            for (int c = 0; c < inChannels; c += S.Width)
            {
                int lanes = Math.Min(S.Width, inChannels - c);
                if (k < count)
                {
                    T* from = job.Weights + job.Pass.WeightIndex(first + k, c, 0, 0);
                    for (int tap = 0; tap < 9; tap++)
                    {
                        taps[tap] = S.LoadPartial(from + ((nint)tap * inChannels), lanes);
                    }

                    TransformWeights(taps, rows, block);
                }
                else
                {
                    new Span<T>(block, F.Positions * S.Width).Clear();
                }

                for (int p = 0; p < F.Positions; p++)
                {
                    T* row = (T*)(block + p);
                    T* cell = to + (p * position) + ((nint)c * panelWidth) + k;
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        cell[lane * panelWidth] = row[lane];
                    }
                }
            }
        }
    }

    // Vectors along the output channels of the pass, which are the input channels of the weights; taps turned by 180
    // degrees.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackInputGradient(in PackJob job, int first, int count, int panelWidth, nint position, T* to)
    {
        V* block = stackalloc V[F.Positions];
        V* taps = stackalloc V[9];
        V* rows = stackalloc V[3 * Side];
        for (int k = 0; k < job.Pass.InChannels; k++)
        {
            for (int i = 0; i < panelWidth; i += S.Width)
            {
                int lanes = Math.Clamp(count - i, 0, S.Width);
                for (int tap = 0; tap < 9; tap++)
                {
                    T* from = job.Weights + job.Pass.WeightIndex(first, k, tap / 3, tap % 3) + i;
                    taps[8 - tap] = S.LoadPartial(from, lanes);
                }

                TransformWeights(taps, rows, block);
                for (int p = 0; p < F.Positions; p++)
                {
                    S.Store(to + (p * position) + ((nint)k * panelWidth) + i, block[p]);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformWeights(V* taps, V* rows, V* to)
    {
        for (int s = 0; s < 3; s++)
        {
            F.TransformWeights(taps[s], taps[3 + s], taps[6 + s], rows + s, 3);
        }

        for (int i = 0; i < Side; i++)
        {
            F.TransformWeights(rows[3 * i], rows[(3 * i) + 1], rows[(3 * i) + 2], to + (Side * i), 1);
        }
    }

    private struct PackJob
    {
        public ConvPass Pass;
        public T* Weights;
        public T* Packed;
    }
}
