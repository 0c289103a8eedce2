using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ConvolutionSpecTests
{
    private static readonly ConvolutionSpec s_spec = new()
    {
        N = 2, H = 9, W = 12, C = 4, K = 8, R = 3, S = 5, Groups = 2, StrideH = 2, StrideW = 3, PadTop = 1, PadBottom = 2,
        PadLeft = 3, PadRight = 4, DilationH = 2, DilationW = 1,
    };

    [Test]
    public void Dims_FollowTheWindow()
    {
        Assert.Multiple(() =>
        {
            // (9 + 3 - 5) / 2 + 1 and (12 + 7 - 5) / 3 + 1, rounded down.
            Assert.That((s_spec.OutputH, s_spec.OutputW), Is.EqualTo((4, 5)));
            Assert.That(s_spec.InputDims, Is.EqualTo(new long[] { 2, 4, 9, 12 }));
            Assert.That(s_spec.FilterDims, Is.EqualTo(new long[] { 8, 2, 3, 5 }));
            Assert.That(s_spec.OutputDims, Is.EqualTo(new long[] { 2, 8, 4, 5 }));
        });
    }

    [Test]
    public void Strides_AreThoseOfChannelsInnermost() =>
        Assert.That(OperationGraph.ChannelsInnermost([2, 3, 5, 7]), Is.EqualTo(new long[] { 105, 1, 21, 3 }));

    [Test]
    public void ToString_OfDifferentSpecs_Differs()
    {
        ConvolutionSpec[] specs =
        [
            s_spec, s_spec with { N = 3 }, s_spec with { H = 10 }, s_spec with { W = 13 }, s_spec with { C = 8 },
            s_spec with { K = 4 }, s_spec with { R = 2 }, s_spec with { S = 4 }, s_spec with { Groups = 1 },
            s_spec with { StrideH = 1 }, s_spec with { StrideW = 1 }, s_spec with { PadTop = 0 },
            s_spec with { PadBottom = 0 }, s_spec with { PadLeft = 0 }, s_spec with { PadRight = 0 },
            s_spec with { DilationH = 1 }, s_spec with { DilationW = 2 }, s_spec with { Alignment = 4 },
            s_spec with { Direction = ConvolutionDirection.BackwardData }, s_spec with { Float32Output = true },
            s_spec with { Precision = MathPrecision.BFloat16 }, s_spec with { Determinism = Determinism.Strict },
            s_spec with { Epilogue = ConvolutionEpilogue.Bias | ConvolutionEpilogue.Relu },
        ];

        Assert.That(specs.Select(s => s.ToString()), Is.Unique);
    }

    [Test]
    public void Check_Impossible_IsRefused()
    {
        ConvolutionSpec[] bad =
        [
            s_spec with { N = 0 }, s_spec with { Groups = 3 }, s_spec with { StrideH = 0 }, s_spec with { DilationW = 0 },
            s_spec with { PadLeft = -1 }, s_spec with { R = 20 }, s_spec with { Alignment = 12 },
            s_spec with { Epilogue = ConvolutionEpilogue.ReluGradient },
            s_spec with { Direction = ConvolutionDirection.BackwardData, Epilogue = ConvolutionEpilogue.Bias },
            s_spec with { Direction = ConvolutionDirection.BackwardFilter, Epilogue = ConvolutionEpilogue.Relu },
        ];

        Assert.That(s_spec.Check, Throws.Nothing);
        foreach (var spec in bad) Assert.That(spec.Check, Throws.InstanceOf<CodatException>(), spec.ToString());
    }
}
