using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>The three products of a convolution by loops, over small whole numbers; N,H,W,C and K,R,S,C.</summary>
internal sealed class NaiveConvolution
{
    private readonly ConvolutionSpec _spec;
    private readonly int _groupChannels, _groupFilters;

    internal NaiveConvolution(ConvolutionSpec spec)
    {
        _spec = spec;
        _groupChannels = spec.C / spec.Groups;
        _groupFilters = spec.K / spec.Groups;
        Input = SmallNumbers.Make((long)spec.N * spec.H * spec.W * spec.C, 1);
        Filter = SmallNumbers.Make((long)spec.K * spec.R * spec.S * _groupChannels, 2, 1);
        Output = SmallNumbers.Make((long)spec.N * spec.OutputH * spec.OutputW * spec.K, 3, 1);
        Bias = SmallNumbers.Make(spec.K, 4, 8);
    }

    internal float[] Input { get; }

    internal float[] Filter { get; }

    /// <summary>Used as the output's gradient and as the addend.</summary>
    internal float[] Output { get; }

    internal float[] Bias { get; }

    internal float[] Forward(ConvolutionEpilogue epilogue)
    {
        var y = new float[Output.Length];
        Visit((input, filter, output) => y[output] += Input[input] * Filter[filter]);
        for (int i = 0; i < y.Length; i++)
        {
            if (epilogue.HasFlag(ConvolutionEpilogue.Bias)) y[i] += Bias[i % _spec.K];
            if (epilogue.HasFlag(ConvolutionEpilogue.Addend)) y[i] += Output[i];
            if (epilogue.HasFlag(ConvolutionEpilogue.Relu)) y[i] = Math.Max(y[i], 0);
        }
        return y;
    }

    internal float[] BackwardData(bool isMasked)
    {
        var dx = new float[Input.Length];
        Visit((input, filter, output) => dx[input] += Output[output] * Filter[filter]);
        for (int i = 0; i < dx.Length && isMasked; i++)
            if (Input[i] <= 0) dx[i] = 0;
        return dx;
    }

    internal float[] BackwardFilter()
    {
        var dw = new float[Filter.Length];
        Visit((input, filter, output) => dw[filter] += Output[output] * Input[input]);
        return dw;
    }

    /// <summary>Every triple of places that are multiplied in some product.</summary>
    private void Visit(Action<int, int, int> triple)
    {
        var s = _spec;
        for (int n = 0; n < s.N; n++)
        for (int oh = 0; oh < s.OutputH; oh++)
        for (int ow = 0; ow < s.OutputW; ow++)
        for (int k = 0; k < s.K; k++)
        for (int r = 0; r < s.R; r++)
        for (int c = 0; c < s.S; c++)
        {
            int h = oh * s.StrideH - s.PadTop + r * s.DilationH, w = ow * s.StrideW - s.PadLeft + c * s.DilationW;
            if (h < 0 || h >= s.H || w < 0 || w >= s.W) continue;
            for (int channel = 0; channel < _groupChannels; channel++)
            {
                triple(((n * s.H + h) * s.W + w) * s.C + k / _groupFilters * _groupChannels + channel,
                    ((k * s.R + r) * s.S + c) * _groupChannels + channel,
                    ((n * s.OutputH + oh) * s.OutputW + ow) * s.K + k);
            }
        }
    }
}
