using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Perf;

/// <summary>The rate of multiply-adds that never leave the registers.</summary>
internal static unsafe class Peak
{
    /// <summary>Best GFLOP/s seen within the time.</summary>
    public static double Gflops(CpuIsa isa, double seconds) => isa switch
    {
        CpuIsa.Avx512 => Measure<Vector512<float>, Avx512Float>(seconds),
        CpuIsa.Avx2 => Measure<Vector256<float>, Avx2Float>(seconds),
        _ => Measure<Vector128<float>, Portable<float>>(seconds),
    };

    private static double Measure<V, S>(double seconds)
        where V : unmanaged
        where S : struct, ISimd<float, V>
    {
        const int Steps = 400_000;
        float* sink = stackalloc float[64];
        new Span<float>(sink, 64).Fill(1e-3f);
        double best = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            double before = ThreadClock.Now;
            Loop<V, S>(Steps, sink);
            double elapsed = ThreadClock.Now - before;
            best = Math.Max(best, 2.0 * 12 * S.Width * Steps / elapsed / 1e9);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<V, S>(int steps, float* sink)
        where V : unmanaged
        where S : struct, ISimd<float, V>
    {
        V x = S.Broadcast(sink), y = S.Broadcast(sink + 1);
        V c0 = x, c1 = x, c2 = x, c3 = x, c4 = x, c5 = x, c6 = x, c7 = x, c8 = x, c9 = x, c10 = x, c11 = x;
        for (int i = 0; i < steps; i++)
        {
            c0 = S.Fma(x, y, c0);
            c1 = S.Fma(x, y, c1);
            c2 = S.Fma(x, y, c2);
            c3 = S.Fma(x, y, c3);
            c4 = S.Fma(x, y, c4);
            c5 = S.Fma(x, y, c5);
            c6 = S.Fma(x, y, c6);
            c7 = S.Fma(x, y, c7);
            c8 = S.Fma(x, y, c8);
            c9 = S.Fma(x, y, c9);
            c10 = S.Fma(x, y, c10);
            c11 = S.Fma(x, y, c11);
        }

        c0 = S.Add(S.Add(S.Add(c0, c1), S.Add(c2, c3)), S.Add(S.Add(c4, c5), S.Add(c6, c7)));
        S.Store(sink + 16, S.Add(c0, S.Add(S.Add(c8, c9), S.Add(c10, c11))));
    }
}
