using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class EngineFilterTests
{
    private const cudnnBackendNumericalNote_t Tensor = cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
    private const cudnnBackendNumericalNote_t Down = cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
    private const cudnnBackendNumericalNote_t Reduced =
        cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION;
    private const cudnnBackendNumericalNote_t Random = cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
    private const cudnnBackendNumericalNote_t Winograd = cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_WINOGRAD;

    [TestCase(Determinism.Fast, ExpectedResult = true)]
    [TestCase(Determinism.Reproducible, ExpectedResult = false)]
    [TestCase(Determinism.Strict, ExpectedResult = false)]
    public bool Accepts_ResultsThatDoNotRepeat_OnlyWhereNothingIsPromised(Determinism determinism) =>
        Accepts(determinism, MathPrecision.TensorFloat32, Random);

    [TestCase(MathPrecision.Float32, ExpectedResult = false)]
    [TestCase(MathPrecision.TensorFloat32, ExpectedResult = true)]
    [TestCase(MathPrecision.BFloat16, ExpectedResult = true)]
    [TestCase(MathPrecision.Float64, ExpectedResult = true)]
    public bool Accepts_TensorCores_ExceptForSinglePrecision(MathPrecision precision) =>
        Accepts(Determinism.Fast, precision, Tensor);

    [TestCase(MathPrecision.Float32, ExpectedResult = false)]
    [TestCase(MathPrecision.TensorFloat32, ExpectedResult = true)]
    [TestCase(MathPrecision.BFloat16, ExpectedResult = true)]
    [TestCase(MathPrecision.Float64, ExpectedResult = false)]
    public bool Accepts_RoundedInputs_OnlyWhereAskedFor(MathPrecision precision) =>
        Accepts(Determinism.Fast, precision, Down);

    [TestCase(Determinism.Fast, ExpectedResult = true)]
    [TestCase(Determinism.Reproducible, ExpectedResult = false)]
    [TestCase(Determinism.Strict, ExpectedResult = false)]
    public bool Accepts_ReducedSums_OnlyWhenFast(Determinism determinism) =>
        Accepts(determinism, MathPrecision.BFloat16, Reduced);

    [Test]
    public void Accepts_WithoutNotesOrWithWinograd_Always([Values] Determinism determinism, [Values] MathPrecision precision)
    {
        Assert.That(Accepts(determinism, precision), Is.True);
        Assert.That(Accepts(determinism, precision, Winograd), Is.True);
    }

    [Test]
    public void Accepts_Refused_SaysWhy()
    {
        var filter = new EngineFilter(Determinism.Strict, MathPrecision.Float32);

        bool accepted = filter.Accepts(new EngineNotes([Winograd, Tensor], []), out string reason);

        Assert.That(accepted, Is.False);
        Assert.That(reason, Does.Contain("tf32"));
    }

    [Test]
    public void Notes_AsText_AreTheirShortNames() =>
        Assert.That(new EngineNotes([Tensor, Random],
            [cudnnBackendBehaviorNote_t.CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION]).ToString(),
            Is.EqualTo("tensor_core nondeterministic runtime_compilation"));

    private static bool Accepts(Determinism determinism, MathPrecision precision,
        params cudnnBackendNumericalNote_t[] notes) =>
        new EngineFilter(determinism, precision).Accepts(new EngineNotes(notes, []), out _);
}
