using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class CompileOptionsTests
{
    private static readonly NvrtcVersion s_old = new(12, 3);
    private static readonly NvrtcVersion s_new = new(12, 4);

    [Test]
    public void Arguments_Default_AreExactArithmetic()
    {
        string[] arguments = default(CompileOptions).Arguments("sm_90", s_old);

        Assert.That(arguments, Is.EqualTo(new[]
        {
            "--gpu-architecture=sm_90", "--std=c++17", "--fmad=false", "--ftz=false", "--prec-div=true",
            "--prec-sqrt=true", "-lineinfo",
        }));
    }

    [Test]
    public void Arguments_FastAndFused_AreSaid()
    {
        var options = new CompileOptions { FastMath = true, FuseMultiplyAdd = true };

        string[] arguments = options.Arguments("compute_80", s_new);

        Assert.That(arguments, Is.EqualTo(new[]
        {
            "--gpu-architecture=compute_80", "--std=c++17", "--fmad=true", "--ftz=true", "--prec-div=false",
            "--prec-sqrt=false", "-lineinfo", "--minimal",
        }));
    }

    [TestCase(11, 8, false)]
    [TestCase(12, 3, false)]
    [TestCase(12, 4, true)]
    [TestCase(13, 0, true)]
    public void Arguments_Minimal_OnlyWhereItIsUnderstood(int major, int minor, bool expected)
    {
        string[] arguments = default(CompileOptions).Arguments("sm_80", new NvrtcVersion(major, minor));

        Assert.That(arguments.Contains("--minimal"), Is.EqualTo(expected));
    }

    [Test]
    public void Define_InAnyOrder_IsTheSameValue()
    {
        var one = default(CompileOptions).Define("VEC", 4).Define("ELEMENT", "float");
        var other = default(CompileOptions).Define("ELEMENT", "double").Define("VEC", 4).Define("ELEMENT", "float");

        Assert.That(one, Is.EqualTo(other));
        Assert.That(one.GetHashCode(), Is.EqualTo(other.GetHashCode()));
        Assert.That(one.Arguments("sm_80", s_old)[^2..], Is.EqualTo(new[] { "-DELEMENT=float", "-DVEC=4" }));
    }

    [Test]
    public void Define_NameThatBeginsAnother_ReplacesOnlyItself()
    {
        var options = default(CompileOptions).Define("A", 1).Define("AB", 2).Define("A", 3);

        Assert.That(options.Defines, Is.EqualTo(new[] { "A=3", "AB=2" }));
    }

    [TestCase("")]
    [TestCase("1A")]
    [TestCase("A B")]
    [TestCase("A=B")]
    [TestCase("A-B")]
    public void Define_NoName_IsRefused(string name) =>
        Assert.That(() => default(CompileOptions).Define(name, 1), Throws.ArgumentException);

    [Test]
    public void Define_ValueOfTwoLines_IsRefused() =>
        Assert.That(() => default(CompileOptions).Define("A", "1\n-DB=2"), Throws.ArgumentException);

    [TestCase(90, ExpectedResult = "sm_90")]
    [TestCase(75, ExpectedResult = "sm_75")]
    [TestCase(120, ExpectedResult = "compute_90")]
    public string Target_OfADevice_IsMachineCodeOrTheNewestPtx(int architecture) =>
        NvrtcCompiler.Target(architecture, [75, 80, 90], s_new);

    [TestCase(70)]
    [TestCase(86)]
    public void Target_OfAnUnknownOlderDevice_IsRefused(int architecture) =>
        Assert.That(() => NvrtcCompiler.Target(architecture, [75, 80, 90], s_new),
            Throws.InstanceOf<CodatException>().With.Message.Contains("75, 80, 90"));
}
