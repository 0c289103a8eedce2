using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Which major version of CUDA is used where several are installed.</summary>
internal sealed class CudaToolkitChoiceTests
{
    private static readonly string[] s_libraries = [LibraryNames.Nvrtc, LibraryNames.CublasLt, LibraryNames.Cublas];

    [TestCase(13000, 13)]
    [TestCase(13010, 13)]
    [TestCase(12080, 12)]
    [TestCase(0, 13)]
    public void Choose_BothInstalled_TakesTheNewestTheDriverRuns(int driver, int expected) =>
        Assert.That(Choose(driver, (13, LibrarySearchStep.Toolkit, 3), (12, LibrarySearchStep.Toolkit, 3)).Major, Is.EqualTo(expected));

    [Test]
    public void Choose_OlderFoundEarlierInTheSearch_TakesTheOlder() =>
        Assert.That(Choose(13000, (13, LibrarySearchStep.Toolkit, 3), (12, LibrarySearchStep.Configured, 3)).Major, Is.EqualTo(12));

    [Test]
    public void Choose_NewerIncomplete_TakesTheCompleteOne() =>
        Assert.That(Choose(13000, (13, LibrarySearchStep.Configured, 1), (12, LibrarySearchStep.Toolkit, 3)).Major, Is.EqualTo(12));

    [Test]
    public void Choose_NothingFound_NamesTheDriversMajor()
    {
        Assert.That(Choose(13000).Major, Is.EqualTo(13));
        Assert.That(Choose(12040).Major, Is.EqualTo(12));
    }

    [Test]
    public void Choose_GivenInCode_LooksForNothing() =>
        Assert.That(CudaToolkitChoice.Choose(13000, 12, Unasked, Unasked).Major, Is.EqualTo(12));

    [Test]
    public void Choose_CompleteWithoutTheSystem_DoesNotAskIt()
    {
        var choice = CudaToolkitChoice.Choose(13000, null, (_, major) => major == 12 ? LibrarySearchStep.Python : null, Unasked);

        Assert.That(choice.Major, Is.EqualTo(12));
    }

    [Test]
    public void Choose_OnlyInTheSystem_AsksIt()
    {
        var choice = CudaToolkitChoice.Choose(13000, null, (_, _) => null, (_, major) => major == 12 ? LibrarySearchStep.System : null);

        Assert.That(choice, Is.EqualTo(new CudaToolkitChoice(12, "3 of 3 libraries found")));
    }

    private static LibrarySearchStep? Unasked(NativeLibraryEntry entry, int major) => throw new AssertionException($"{entry.Title} {major} was looked for");

    private static CudaToolkitChoice Choose(int driver, params (int Major, LibrarySearchStep Step, int Count)[] installed)
    {
        LibrarySearchStep? Find(NativeLibraryEntry entry, int major)
        {
            foreach (var (m, step, count) in installed)
                if (m == major && Array.IndexOf(s_libraries, entry.LogicalName) < count) return step;
            return null;
        }

        return CudaToolkitChoice.Choose(driver, null, Find, Find);
    }
}
