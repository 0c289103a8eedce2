using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class CompileLogTests
{
    private const string Log = """
        relu.cu(3): error: identifier "q" is undefined
              y[i] = q;
                     ^

        codat_common.cuh(1): warning #177-D: variable "a" was declared but never referenced

        relu.cu(1): catastrophic error: cannot open source file "no.cuh"

        nvrtc: error: invalid value for --gpu-architecture (-arch)
        3 errors detected in the compilation of "relu.cu".
        """;

    [Test]
    public void Parse_LogOfNvrtc_FindsFilesLinesAndKinds()
    {
        var messages = CompileLog.Parse(Log);

        Assert.That(messages, Is.EqualTo(new[]
        {
            new CompileMessage("relu.cu", 3, true, "identifier \"q\" is undefined"),
            new CompileMessage("codat_common.cuh", 1, false, "variable \"a\" was declared but never referenced"),
            new CompileMessage("relu.cu", 1, true, "cannot open source file \"no.cuh\""),
            new CompileMessage("", 0, true, "invalid value for --gpu-architecture (-arch)"),
        }));
    }

    [Test]
    public void Parse_LogOfAHostCompiler_IsUnderstoodToo()
    {
        var messages = CompileLog.Parse("""
            relu.cu: In function 'void relu(Args)':
            relu.cu:12:5: error: 'q' was not declared in this scope
            relu.cu:14: warning: unused variable 'x' [-Wunused]
            relu.cu:2:10: fatal error: no.cuh: No such file or directory
            """);

        Assert.That(messages, Is.EqualTo(new[]
        {
            new CompileMessage("relu.cu", 12, true, "'q' was not declared in this scope"),
            new CompileMessage("relu.cu", 14, false, "unused variable 'x' [-Wunused]"),
            new CompileMessage("relu.cu", 2, true, "no.cuh: No such file or directory"),
        }));
    }

    [TestCase("")]
    [TestCase("everything is fine: no error here\n(3): nothing\n")]
    public void Parse_WithoutMessages_IsEmpty(string log) => Assert.That(CompileLog.Parse(log), Is.Empty);

    [Test]
    public void Excerpt_OfAnError_MarksItsLineAmongItsNeighbours()
    {
        var source = KernelSource.FromText("relu.cu", "one\ntwo\nthree\nfour\nfive\nsix\n");

        string text = CompileLog.Excerpt([new CompileMessage("relu.cu", 4, true, "wrong")], source.Lines);

        Assert.That(text, Is.EqualTo("""
            relu.cu:4: wrong
                 2 | two
                 3 | three
            >    4 | four
                 5 | five
                 6 | six

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void Excerpt_AtTheEndsAndElsewhere_StaysInside()
    {
        var source = KernelSource.FromText("relu.cu", "one\ntwo");

        string text = CompileLog.Excerpt(
        [
            new CompileMessage("relu.cu", 1, true, "first"), new CompileMessage("relu.cu", 9, true, "beyond"),
            new CompileMessage("other.cu", 1, true, "unknown"), new CompileMessage("relu.cu", 2, false, "warning"),
            new CompileMessage("", 0, true, "nowhere"),
        ], source.Lines);

        Assert.That(text, Is.EqualTo("relu.cu:1: first\n>    1 | one\n     2 | two\n"));
    }

    [Test]
    public void Exception_OfALog_SaysTheFirstErrorAndReportsAll()
    {
        var source = KernelSource.FromText("relu.cu", "one\ntwo\nthree\nfour\n");
        var messages = CompileLog.Parse(Log);
        var error = new NvrtcCompilationException("relu.cu", ["--fmad=false"], Log, messages,
            CompileLog.Excerpt(messages, source.Lines));

        Assert.Multiple(() =>
        {
            Assert.That(error.Message, Does.StartWith("a kernel does not compile (relu.cu:3)")
                .And.Contain("identifier \"q\" is undefined").And.Not.Contain("\n"));
            Assert.That(error.Report, Does.Contain("options: --fmad=false").And.Contain("catastrophic")
                .And.Contain(">    3 | three"));
            Assert.That(error.ToString(), Does.Contain(error.Report));
            Assert.That(error.IsUsage, Is.False);
        });
    }
}
