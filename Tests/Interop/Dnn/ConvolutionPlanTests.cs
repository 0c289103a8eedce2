using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Planned convolutions against loops, exactly: all numbers are small and whole.</summary>
[CudaFixture]
internal sealed class ConvolutionPlanTests
{
    private const long WorkspaceBytes = 16 << 20;

    private static readonly ConvolutionSpec s_plain = new()
    {
        N = 2, H = 7, W = 6, C = 4, K = 8, R = 3, S = 3, PadTop = 1, PadBottom = 1, PadLeft = 1, PadRight = 1,
    };

    // One property of a window at a time, then several.
    private static readonly ConvolutionSpec[] s_shapes =
    [
        s_plain, s_plain with { StrideH = 2, StrideW = 2 }, s_plain with { DilationH = 2, DilationW = 2 },
        s_plain with { R = 1, S = 1, PadTop = 0, PadBottom = 0, PadLeft = 0, PadRight = 0 },
        s_plain with { R = 5, S = 1, StrideW = 2 }, s_plain with { N = 1, C = 12, K = 4, PadTop = 0, PadBottom = 0 },
    ];

    private CudaScratch _cuda = null!; // made before each test
    private CudnnHandle _cudnn = null!; // made before each test

    [SetUp]
    public void SetUp()
    {
        _cuda = CudaScratch.Require(CudaComponents.Driver | CudaComponents.Cudnn);
        _cudnn = CudnnHandle.Create(_cuda.Stream);
    }

    [TearDown]
    public void TearDown()
    {
        _cudnn?.Dispose();
        _cuda?.Dispose();
    }

    [TestCaseSource(nameof(s_shapes))]
    public void Forward_EveryShape_IsTheConvolution(ConvolutionSpec spec)
    {
        var naive = new NaiveConvolution(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(naive.Forward(ConvolutionEpilogue.None)));
    }

    [TestCaseSource(nameof(s_shapes))]
    public void BackwardData_EveryShape_IsTheGradient(ConvolutionSpec spec)
    {
        var naive = new NaiveConvolution(spec);

        Assert.That(Run(spec with { Direction = ConvolutionDirection.BackwardData }, naive),
            Is.EqualTo(naive.BackwardData(isMasked: false)));
    }

    [TestCaseSource(nameof(s_shapes))]
    public void BackwardFilter_EveryShape_IsTheGradient(ConvolutionSpec spec)
    {
        var naive = new NaiveConvolution(spec);

        Assert.That(Run(spec with { Direction = ConvolutionDirection.BackwardFilter }, naive),
            Is.EqualTo(naive.BackwardFilter()));
    }

    [Test]
    public void Groups_EveryDirection_StayApart([Values] ConvolutionDirection direction)
    {
        var spec = s_plain with { C = 8, K = 8, Groups = 2, Direction = direction };
        var naive = new NaiveConvolution(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(direction switch
        {
            ConvolutionDirection.Forward => naive.Forward(ConvolutionEpilogue.None),
            ConvolutionDirection.BackwardData => naive.BackwardData(isMasked: false),
            _ => naive.BackwardFilter(),
        }));
    }

    [Test]
    public void Precision_OfEveryKind_IsExactForSmallNumbers([Values] MathPrecision precision,
        [Values] Determinism determinism)
    {
        var spec = s_plain with { C = 8, Precision = precision, Determinism = determinism };
        var naive = new NaiveConvolution(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(naive.Forward(ConvolutionEpilogue.None)));
    }

    [TestCase(ConvolutionEpilogue.Bias)]
    [TestCase(ConvolutionEpilogue.Relu)]
    [TestCase(ConvolutionEpilogue.Bias | ConvolutionEpilogue.Relu)]
    [TestCase(ConvolutionEpilogue.Bias | ConvolutionEpilogue.Addend | ConvolutionEpilogue.Relu)]
    public void Forward_Epilogue_IsFused(ConvolutionEpilogue epilogue)
    {
        // Fusion engines work on tensor cores; small whole numbers are exact there as well.
        var spec = s_plain with { C = 8, Epilogue = epilogue, Precision = MathPrecision.TensorFloat32 };
        var naive = new NaiveConvolution(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(naive.Forward(epilogue)));
    }

    [Test]
    public void BackwardData_ReluGradient_IsFused()
    {
        var spec = s_plain with
        {
            C = 8, Direction = ConvolutionDirection.BackwardData, Epilogue = ConvolutionEpilogue.ReluGradient,
            Precision = MathPrecision.TensorFloat32,
        };
        var naive = new NaiveConvolution(spec);

        Assert.That(Run(spec, naive), Is.EqualTo(naive.BackwardData(isMasked: true)));
    }

    [Test]
    public void Execute_ManyTimes_AllocatesNothingAndRepeats()
    {
        var spec = s_plain with { Determinism = Determinism.Reproducible };
        var naive = new NaiveConvolution(spec);
        using var plan = ConvolutionPlan.Create(_cudnn, spec, WorkspaceBytes);
        var y = _cuda.Allocate<float>(naive.Output.Length);
        using var binding = plan.Bind(new ConvolutionBuffers
        {
            Input = _cuda.Upload(naive.Input), Filter = _cuda.Upload(naive.Filter), Output = y,
            Workspace = _cuda.Allocate<byte>(plan.WorkspaceBytes),
        });
        binding.Execute();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++) binding.Execute();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.Zero);
        Assert.That(_cuda.Download<float>(y, naive.Output.Length), Is.EqualTo(naive.Forward(ConvolutionEpilogue.None)));
    }

    [Test]
    public void Execute_Captured_RepeatsOnNewValues()
    {
        var naive = new NaiveConvolution(s_plain);
        using var plan = ConvolutionPlan.Create(_cudnn, s_plain, WorkspaceBytes);
        var x = _cuda.Upload(new float[naive.Input.Length]);
        var y = _cuda.Allocate<float>(naive.Output.Length);
        using var binding = plan.Bind(new ConvolutionBuffers
        {
            Input = x, Filter = _cuda.Upload(naive.Filter), Output = y,
            Workspace = _cuda.Allocate<byte>(plan.WorkspaceBytes),
        });
        binding.Execute();
        using var graph = _cuda.Capture(binding.Execute);
        _cuda.Stream.Upload<float>(naive.Input, x.Cast<float>());

        graph.Launch(_cuda.Stream);

        Assert.That(_cuda.Download<float>(y, naive.Output.Length), Is.EqualTo(naive.Forward(ConvolutionEpilogue.None)));
    }

    [Test]
    public void Plan_Stored_CanBeRestored()
    {
        using var first = ConvolutionPlan.Create(_cudnn, s_plain, WorkspaceBytes);
        if (first.Json is null) Assert.Ignore("this library does not describe its plans");

        var naive = new NaiveConvolution(s_plain);

        Assert.That(Run(s_plain, naive, first.Json), Is.EqualTo(naive.Forward(ConvolutionEpilogue.None)));
    }

    [Test]
    public void Plan_StoredByAnotherLibrary_IsRefusedWithTheReason()
    {
        var plan = ConvolutionPlan.TryCreate(_cudnn, s_plain, WorkspaceBytes, "{\"no\":\"plan\"}", out string reason);

        Assert.That(plan, Is.Null);
        Assert.That(reason, Does.Contain("stored plan"));
    }

    [Test]
    public void Cache_SameSpec_IsPlannedOnce()
    {
        using var cache = new ConvolutionPlanCache(_cudnn, WorkspaceBytes);

        var plan = cache.Get(s_plain);

        Assert.That(cache.Get(s_plain with { }), Is.SameAs(plan));
        Assert.That(cache.TryGet(s_plain with { N = 3 }, out _), Is.Not.Null.And.Not.SameAs(plan));
        Assert.That(cache.Count, Is.EqualTo(2));
        Assert.That(cache.Engines().Keys, Has.Member(s_plain.ToString()));
        Assert.That(cache.Engines().Values, Has.All.StartsWith("engine "));
    }

    [Test]
    public void Bind_BufferTooSmall_NamesIt()
    {
        using var plan = ConvolutionPlan.Create(_cudnn, s_plain, WorkspaceBytes);
        var naive = new NaiveConvolution(s_plain);
        var input = _cuda.Upload(naive.Input);

        Assert.That(() => plan.Bind(new ConvolutionBuffers { Input = input.Slice(0, input.Length - 1) }),
            Throws.InstanceOf<CodatException>().With.Message.Contains("input buffer"));
        Assert.That(() => plan.Bind(new ConvolutionBuffers { Input = input }),
            Throws.InstanceOf<CodatException>().With.Message.Contains("filter buffer"));
    }

    [Test]
    public void Descriptor_NotComplete_FailsWithTheLibrarysAccountOfIt()
    {
        using var descriptor = BackendDescriptor.Create(_cuda.Context,
            cudnnBackendDescriptorType_t.CUDNN_BACKEND_TENSOR_DESCRIPTOR);

        var error = Assert.Throws<CudnnException>(() => descriptor.Complete());

        Assert.That(error!.Kind, Is.EqualTo(CudnnStatusKind.BadParameter));
        Assert.That(error.Message, Does.Contain("cudnnBackendFinalize(CUDNN_BACKEND_TENSOR_DESCRIPTOR)"));
        // Read once: nothing of it is left for the next error.
        Assert.That(StatusExtensions.CudnnLastError(), Is.Empty);
    }

    private float[] Run(ConvolutionSpec spec, NaiveConvolution naive, string? pinned = null)
    {
        using var plan = ConvolutionPlan.Create(_cudnn, spec, WorkspaceBytes, pinned);
        float[] shape = spec.Direction switch
        {
            ConvolutionDirection.Forward => naive.Output,
            ConvolutionDirection.BackwardData => naive.Input,
            _ => naive.Filter,
        };
        var result = _cuda.Allocate<double>(shape.Length);
        using var binding = plan.Bind(new ConvolutionBuffers
        {
            Input = spec.Direction == ConvolutionDirection.BackwardData ? result : Upload(spec, naive.Input),
            Filter = spec.Direction == ConvolutionDirection.BackwardFilter ? result : Upload(spec, naive.Filter),
            Output = spec.Direction == ConvolutionDirection.Forward ? result : Upload(spec, naive.Output),
            Bias = _cuda.Upload(naive.Bias), Addend = Upload(spec, naive.Output), ReluSource = Upload(spec, naive.Input),
            Workspace = _cuda.Allocate<byte>(plan.WorkspaceBytes),
        });
        binding.Execute();
        return spec.ResultType switch
        {
            cudnnDataType_t.CUDNN_DATA_DOUBLE => Array.ConvertAll(_cuda.Download<double>(result, shape.Length), v => (float)v),
            cudnnDataType_t.CUDNN_DATA_BFLOAT16 => Bf16.ToFloats(_cuda.Download<ushort>(result, shape.Length)),
            _ => _cuda.Download<float>(result, shape.Length),
        };
    }

    private DeviceSpan<byte> Upload(ConvolutionSpec spec, float[] values) => spec.Precision switch
    {
        MathPrecision.Float64 => _cuda.Upload(Array.ConvertAll(values, v => (double)v)),
        MathPrecision.BFloat16 => _cuda.Upload(Bf16.From(values)),
        _ => _cuda.Upload(values),
    };
}
