namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// A grid of output pixels that share their kernel taps: cell (i, j) is output pixel (OutH + i OutStrideH, ...) and its
/// tap (a, b) reads input pixel (InH + i InStrideH + a TapStep, ...) with the weight (R0 + a RStep, ...).
/// </summary>
internal struct GatherPhase
{
    /// <summary>Cells of the grid.</summary>
    public int CountH, CountW;

    /// <summary>Output pixel of cell (0, 0), and the distance of cells.</summary>
    public int OutH, OutW, OutStrideH, OutStrideW;

    /// <summary>Input pixel of tap (0, 0) of cell (0, 0), and the distances of cells and of taps.</summary>
    public int InH, InW, InStrideH, InStrideW, TapStep;

    /// <summary>Taps of each cell.</summary>
    public int TapsH, TapsW;

    /// <summary>Kernel position of tap (0, 0), and the distance of taps in the kernel.</summary>
    public int R0, S0, RStep, SStep;

    /// <summary>Taps times input channels.</summary>
    public int Depth;

    /// <summary>Where this phase's packed weights begin.</summary>
    public long Packed;

    /// <summary>Cells of one image.</summary>
    public readonly int Pixels => CountH * CountW;

    /// <summary>The phases of a pass; forward there is one.</summary>
    public static GatherPhase[] Split(in ConvShape shape, ConvDirection direction, int paddedOutChannels)
    {
        if (direction == ConvDirection.Forward)
        {
            return
            [
                new GatherPhase
                {
                    CountH = shape.OutHeight,
                    CountW = shape.OutWidth,
                    OutStrideH = 1,
                    OutStrideW = 1,
                    InH = -shape.PadH,
                    InW = -shape.PadW,
                    InStrideH = shape.StrideH,
                    InStrideW = shape.StrideW,
                    TapStep = 1,
                    TapsH = shape.KernelHeight,
                    TapsW = shape.KernelWidth,
                    RStep = 1,
                    SStep = 1,
                    Depth = shape.KernelHeight * shape.KernelWidth * shape.InChannels,
                },
            ];
        }

        List<GatherPhase> phases = [];
        long packed = 0;
        for (int h = 0; h < Math.Min(shape.StrideH, shape.Height); h++)
        {
            for (int w = 0; w < Math.Min(shape.StrideW, shape.Width); w++)
            {
                GatherPhase phase = InputGradientPhase(shape, h, w);
                phase.Packed = packed;
                packed += (long)phase.Depth * paddedOutChannels;
                phases.Add(phase);
            }
        }

        return [.. phases];
    }

    // Input row y gets weight row r from output row (y + pad - r) / stride where that is whole.
    private static GatherPhase InputGradientPhase(in ConvShape shape, int h, int w)
    {
        int r0 = (h + shape.PadH) % shape.StrideH;
        int s0 = (w + shape.PadW) % shape.StrideW;
        int tapsH = Taps(shape.KernelHeight, r0, shape.StrideH);
        int tapsW = Taps(shape.KernelWidth, s0, shape.StrideW);
        return new GatherPhase
        {
            CountH = Taps(shape.Height, h, shape.StrideH),
            CountW = Taps(shape.Width, w, shape.StrideW),
            OutH = h,
            OutW = w,
            OutStrideH = shape.StrideH,
            OutStrideW = shape.StrideW,
            InH = (h + shape.PadH - r0) / shape.StrideH,
            InW = (w + shape.PadW - s0) / shape.StrideW,
            InStrideH = 1,
            InStrideW = 1,
            TapStep = -1,
            TapsH = tapsH,
            TapsW = tapsW,
            R0 = r0,
            S0 = s0,
            RStep = shape.StrideH,
            SStep = shape.StrideW,
            Depth = tapsH * tapsW * shape.OutChannels,
        };
    }

    // How many of first, first + step, ... are below the length.
    private static int Taps(int length, int first, int step) => first < length ? (length - first + step - 1) / step : 0;
}
