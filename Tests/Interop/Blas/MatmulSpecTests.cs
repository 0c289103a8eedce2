using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class MatmulSpecTests
{
    [Test]
    public void Sizes_OfASpec_FollowFromTypesAndShape()
    {
        var spec = new MatmulSpec
        {
            M = 3, N = 130, K = 5, Precision = MathPrecision.BFloat16, Float32Output = true,
            Epilogue = MatmulEpilogue.BiasReluMask,
        };

        Assert.Multiple(() =>
        {
            Assert.That((spec.BytesA, spec.BytesB, spec.BytesD, spec.BytesBias), Is.EqualTo((30L, 1300L, 1560L, 520L)));
            Assert.That((spec.MaskStride, spec.MaskBytes), Is.EqualTo((256L, 96L)));
            Assert.That((spec with { Epilogue = MatmulEpilogue.BiasGradient }).BiasLength, Is.EqualTo(3));
            Assert.That((spec with { Epilogue = MatmulEpilogue.None }).BytesBias, Is.Zero);
        });
    }

    [Test]
    public void ToString_OfDifferentSpecs_Differs()
    {
        var spec = new MatmulSpec { M = 1, N = 2, K = 3 };
        MatmulSpec[] specs =
        [
            spec, spec with { M = 2 }, spec with { N = 3 }, spec with { K = 4 }, spec with { TransposeA = true },
            spec with { TransposeB = true }, spec with { Precision = MathPrecision.TensorFloat32 },
            spec with { Float32Output = true }, spec with { Accumulate = true }, spec with { Alignment = 256 },
            spec with { Epilogue = MatmulEpilogue.Bias }, spec with { Determinism = Determinism.Strict },
        ];

        Assert.That(specs.Select(s => s.ToString()), Is.Unique);
        Assert.That(specs, Is.Unique);
    }

    [TestCase(0, 1, 1, 16)]
    [TestCase(1, 0, 1, 16)]
    [TestCase(1, 1, -1, 16)]
    [TestCase(1, 1, 1, 0)]
    [TestCase(1, 1, 1, 24)]
    public void Check_Impossible_IsRefused(long m, long n, long k, int alignment) =>
        Assert.That(() => new MatmulSpec { M = m, N = n, K = k, Alignment = alignment }.Check(),
            Throws.InstanceOf<CodatException>());

    [Test]
    public void Buffers_TooSmallOrNotAligned_AreNamed()
    {
        var spec = new MatmulSpec { M = 4, N = 4, K = 4, Epilogue = MatmulEpilogue.Bias };
        var good = new MatmulBuffers
        {
            A = new DeviceSpan<byte>(256, 64), B = new DeviceSpan<byte>(512, 64), D = new DeviceSpan<byte>(768, 64),
            Bias = new DeviceSpan<byte>(1024, 16),
        };

        Assert.That(() => MatmulBuffers.Check(spec, good), Throws.Nothing);
        Assert.That(Refusal(spec, good with { A = new DeviceSpan<byte>(256, 63) }), Does.Contain("buffer A"));
        Assert.That(Refusal(spec, good with { B = new DeviceSpan<byte>(520, 64) }), Does.Contain("buffer B"));
        Assert.That(Refusal(spec, good with { D = default }), Does.Contain("buffer D"));
        Assert.That(Refusal(spec, good with { Bias = default }), Does.Contain("buffer bias"));
    }

    private static string Refusal(MatmulSpec spec, MatmulBuffers buffers) =>
        Assert.Throws<CodatException>(() => MatmulBuffers.Check(spec, buffers))!.Message;
}
