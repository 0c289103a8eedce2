using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Products with epilogues against loops, exactly: all numbers are small and whole.</summary>
[CudaFixture]
internal sealed class MatmulTests
{
    private const long WorkspaceBytes = 4 << 20;

    private CudaScratch _cuda = null!; // made before each test
    private CublasLtHandle _lt = null!; // made before each test

    [SetUp]
    public void SetUp()
    {
        _cuda = CudaScratch.Require(CudaComponents.Driver | CudaComponents.Cublas);
        _lt = CublasLtHandle.Create(_cuda.Context);
    }

    [TearDown]
    public void TearDown()
    {
        _lt?.Dispose();
        _cuda?.Dispose();
    }

    [Test]
    public void Run_EveryTransposition_IsTheProduct([Values] bool transposeA, [Values] bool transposeB,
        [Values] MathPrecision precision)
    {
        var spec = new MatmulSpec
        {
            M = 24, N = 40, K = 16, TransposeA = transposeA, TransposeB = transposeB, Precision = precision,
        };
        var naive = new NaiveMatmul(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(naive.Product()));
    }

    [TestCase(1, 10, 7)]
    [TestCase(5, 3, 1)]
    [TestCase(17, 1, 33)]
    public void Run_OddShapes_AreTheProduct(long m, long n, long k)
    {
        var spec = new MatmulSpec { M = m, N = n, K = k };
        var naive = new NaiveMatmul(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(naive.Product()));
    }

    [Test]
    public void Run_BrainFloatsIntoFloats_IsTheProduct()
    {
        var spec = new MatmulSpec { M = 16, N = 16, K = 64, Precision = MathPrecision.BFloat16, Float32Output = true };
        var naive = new NaiveMatmul(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(naive.Product()));
    }

    [Test]
    public void Run_Accumulate_AddsToWhatIsThere()
    {
        var spec = new MatmulSpec { M = 8, N = 8, K = 8, Accumulate = true };
        var naive = new NaiveMatmul(spec);
        float[] before = SmallNumbers.Make(64, 9);

        float[] result = Run(spec, naive, before: before);

        Assert.That(result, Is.EqualTo(naive.Product().Zip(before, (p, b) => p + b).ToArray()));
    }

    [TestCase(MatmulEpilogue.Bias)]
    [TestCase(MatmulEpilogue.Relu)]
    [TestCase(MatmulEpilogue.BiasRelu)]
    public void Run_ForwardEpilogue_IsFused(MatmulEpilogue epilogue)
    {
        var spec = new MatmulSpec { M = 24, N = 32, K = 16, TransposeB = true, Epilogue = epilogue };
        var naive = new NaiveMatmul(spec);
        float[] bias = SmallNumbers.Make(spec.N, 3, 20);

        float[] result = Run(spec, naive, bias: spec.HasBias ? bias : null);

        Assert.That(result, Is.EqualTo(naive.Forward(spec.HasBias ? bias : new float[spec.N],
            isRelu: epilogue != MatmulEpilogue.Bias)));
    }

    [TestCase(MatmulEpilogue.ReluGradient)]
    [TestCase(MatmulEpilogue.ReluGradientBias)]
    public void Run_ReluGradient_UsesTheMaskOfTheForwardProduct(MatmulEpilogue epilogue)
    {
        var forward = new MatmulSpec { M = 24, N = 32, K = 16, Epilogue = MatmulEpilogue.BiasReluMask };
        var backward = forward with { K = 8, TransposeB = true, Epilogue = epilogue };
        NaiveMatmul first = new(forward), second = new(backward, seed: 50);
        float[] bias = SmallNumbers.Make(forward.N, 3, 20);
        var mask = _cuda.Allocate<byte>(forward.MaskBytes);
        var gradient = _cuda.Allocate<float>(forward.N);

        float[] active = Run(forward, first, bias: bias, mask: mask);
        float[] result = Run(backward, second, mask: mask, biasTarget: gradient);

        float[] expected = [.. second.Product().Zip(active, (g, y) => y > 0 ? g : 0)];
        Assert.That(active, Is.EqualTo(first.Forward(bias, isRelu: true)));
        Assert.That(active, Has.Some.EqualTo(0f).And.Some.GreaterThan(0f));
        Assert.That(result, Is.EqualTo(expected));
        if (epilogue == MatmulEpilogue.ReluGradientBias)
            Assert.That(_cuda.Download<float>(gradient, forward.N), Is.EqualTo(NaiveMatmul.ColumnSums(expected, forward.N)));
    }

    [Test]
    public void Run_BiasGradient_SumsTheLeftFactorOverTheInnerDimension()
    {
        // The weight gradient of a linear layer: dW = dY' X, and db sums dY over the batch.
        var spec = new MatmulSpec { M = 16, N = 24, K = 32, TransposeA = true, Epilogue = MatmulEpilogue.BiasGradient };
        var naive = new NaiveMatmul(spec);
        var gradient = _cuda.Allocate<float>(spec.M);

        float[] result = Run(spec, naive, biasTarget: gradient);

        Assert.That(result, Is.EqualTo(naive.Product()));
        Assert.That(_cuda.Download<float>(gradient, spec.M), Is.EqualTo(NaiveMatmul.ColumnSums(naive.A, spec.M)));
    }

    [Test]
    public void Restore_ExportedAlgorithm_IsTheSame()
    {
        var spec = new MatmulSpec { M = 32, N = 32, K = 32, Determinism = Determinism.Reproducible };
        using var plan = CublasLtMatmul.Create(_lt, spec, WorkspaceBytes);

        using var restored = CublasLtMatmul.Restore(_lt, spec, plan.ExportAlgorithm());

        Assert.That(restored.ExportAlgorithm(), Is.EqualTo(plan.ExportAlgorithm()).And.Length.EqualTo(64));
        Assert.That(restored.WorkspaceBytes, Is.EqualTo(plan.WorkspaceBytes));
    }

    [Test]
    public void Cache_SameSpec_IsPlannedOnceAndPinned()
    {
        var spec = new MatmulSpec { M = 32, N = 32, K = 32 };
        using var cache = new MatmulPlanCache(_lt, WorkspaceBytes);
        using var other = new MatmulPlanCache(_lt, WorkspaceBytes);

        var plan = cache.Get(spec);
        other.Pin(cache.Export());

        Assert.That(cache.Get(spec with { }), Is.SameAs(plan));
        Assert.That(cache.Get(spec with { Accumulate = true }), Is.Not.SameAs(plan));
        Assert.That(cache.Count, Is.EqualTo(2));
        Assert.That(other.Get(spec).ExportAlgorithm(), Is.EqualTo(plan.ExportAlgorithm()));
    }

    [Test]
    public void Run_ManyTimes_AllocatesNothing()
    {
        var spec = new MatmulSpec { M = 8, N = 8, K = 8, Epilogue = MatmulEpilogue.Bias };
        var naive = new NaiveMatmul(spec);
        using var plan = CublasLtMatmul.Create(_lt, spec, WorkspaceBytes);
        var buffers = new MatmulBuffers
        {
            A = _cuda.Upload(naive.A), B = _cuda.Upload(naive.B), D = _cuda.Allocate<float>(64),
            Bias = _cuda.Upload(SmallNumbers.Make(8, 1)), Workspace = _cuda.Allocate<byte>(plan.WorkspaceBytes),
        };
        plan.Run(_cuda.Stream, buffers);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) plan.Run(_cuda.Stream, buffers);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Run_Captured_RepeatsOnNewValues()
    {
        var spec = new MatmulSpec { M = 8, N = 8, K = 8, Epilogue = MatmulEpilogue.BiasRelu };
        NaiveMatmul naive = new(spec), other = new(spec, seed: 30);
        float[] bias = SmallNumbers.Make(8, 1, 5);
        using var plan = CublasLtMatmul.Create(_lt, spec, WorkspaceBytes);
        var buffers = new MatmulBuffers
        {
            A = _cuda.Upload(naive.A), B = _cuda.Upload(other.B), D = _cuda.Allocate<float>(64),
            Bias = _cuda.Upload(bias), Workspace = _cuda.Allocate<byte>(plan.WorkspaceBytes),
        };
        plan.Run(_cuda.Stream, buffers);
        using var graph = _cuda.Capture(() => plan.Run(_cuda.Stream, buffers));
        _cuda.Stream.Upload<float>(other.A, buffers.A.Cast<float>());

        graph.Launch(_cuda.Stream);

        Assert.That(_cuda.Download<float>(buffers.D, 64), Is.EqualTo(other.Forward(bias, isRelu: true)));
    }

    [Test]
    public void Cublas_PlainProduct_IsTheSame([Values] bool transposeA, [Values] bool transposeB)
    {
        var spec = new MatmulSpec { M = 9, N = 5, K = 7, TransposeA = transposeA, TransposeB = transposeB };
        var naive = new NaiveMatmul(spec);
        var workspace = _cuda.Allocate<byte>(CublasHandle.RecommendedWorkspaceBytes(_cuda.Context.Device));
        using var cublas = CublasHandle.Create(_cuda.Stream, workspace);
        var d = _cuda.Allocate<float>(spec.M * spec.N);

        cublas.Multiply(spec, _cuda.Upload(naive.A), _cuda.Upload(naive.B), d);

        Assert.That(_cuda.Download<float>(d, spec.M * spec.N), Is.EqualTo(naive.Product()));
        Assert.That(cublas.ToString(), Does.StartWith("cuBLAS "));
    }

    private float[] Run(MatmulSpec spec, NaiveMatmul naive, float[]? before = null, float[]? bias = null,
        DeviceSpan<byte> mask = default, DeviceSpan<byte> biasTarget = default)
    {
        using var plan = CublasLtMatmul.Create(_lt, spec, WorkspaceBytes);
        long count = spec.M * spec.N;
        var d = before is null ? _cuda.Allocate<double>(count) : _cuda.Upload(before);
        plan.Run(_cuda.Stream, new MatmulBuffers
        {
            A = Upload(spec, naive.A), B = Upload(spec, naive.B), D = d,
            Bias = bias is null ? biasTarget : _cuda.Upload(bias), Mask = mask,
            Workspace = _cuda.Allocate<byte>(plan.WorkspaceBytes),
        });
        return spec.OutputType switch
        {
            cudaDataType.CUDA_R_64F => Array.ConvertAll(_cuda.Download<double>(d, count), v => (float)v),
            cudaDataType.CUDA_R_16BF => Bf16.ToFloats(_cuda.Download<ushort>(d, count)),
            _ => _cuda.Download<float>(d, count),
        };
    }

    private DeviceSpan<byte> Upload(MatmulSpec spec, float[] values) => spec.Precision switch
    {
        MathPrecision.Float64 => _cuda.Upload(Array.ConvertAll(values, v => (double)v)),
        MathPrecision.BFloat16 => _cuda.Upload(Bf16.From(values)),
        _ => _cuda.Upload(values),
    };
}
