using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Where native libraries are looked for, in trees that look like the real installations.</summary>
internal sealed class LibraryLocatorTests
{
    private LibraryTree _tree = null!;

    [SetUp]
    public void MakeTree() => _tree = LibraryTree.Plant();

    [TearDown]
    public void RemoveTree() => _tree.Dispose();

    [TestCase(12, LibraryNames.Nvrtc, "nvidia/cuda_nvrtc/lib/libnvrtc.so.12")]
    [TestCase(12, LibraryNames.Cublas, "nvidia/cublas/lib/libcublas.so.12")]
    [TestCase(12, LibraryNames.CublasLt, "nvidia/cublas/lib/libcublasLt.so.12")]
    [TestCase(12, LibraryNames.Cudnn, "nvidia/cudnn/lib/libcudnn.so.9")]
    [TestCase(13, LibraryNames.Nvrtc, "nvidia/cu13/lib/libnvrtc.so.13")]
    [TestCase(13, LibraryNames.Cublas, "nvidia/cu13/lib/libcublas.so.13")]
    [TestCase(13, LibraryNames.CublasLt, "nvidia/cu13/lib/libcublasLt.so.13")]
    [TestCase(13, LibraryNames.Cudnn, "nvidia/cudnn/lib/libcudnn.so.9")]
    public void FindFile_WheelsInAVirtualEnvironment_AreFound(int major, string library, string file)
    {
        string path = _tree.Add("venv/lib/python3.11/site-packages/" + file);

        var found = Find(_tree.Empty() with { VirtualEnv = _tree.At("venv") }, library, major);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Python, path)));
    }

    [TestCase("home/.local/lib/python3.12/site-packages")]
    [TestCase("usr/local/lib/python3.12/dist-packages")]
    [TestCase("usr/local/lib/python3.12/site-packages")]
    [TestCase("usr/lib/python3.9/site-packages")]
    [TestCase("usr/lib/python3/dist-packages")]
    public void FindFile_WheelsOfUserOrSystem_AreFound(string packages)
    {
        string path = _tree.Add(packages + "/nvidia/cublas/lib/libcublas.so.12");

        var found = Find(_tree.Empty(), LibraryNames.Cublas, 12);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Python, path)));
    }

    [TestCase("conda/lib/libcublas.so.12")]
    [TestCase("conda/targets/x86_64-linux/lib/libcublas.so.12")]
    [TestCase("conda/lib/python3.10/site-packages/nvidia/cublas/lib/libcublas.so.12")]
    public void FindFile_CondaPackagesAndWheels_AreFound(string file)
    {
        string path = _tree.Add(file);

        var found = Find(_tree.Empty() with { CondaPrefix = _tree.At("conda") }, LibraryNames.Cublas, 12);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Python, path)));
    }

    [TestCase("lib64")]
    [TestCase("lib")]
    [TestCase("targets/x86_64-linux/lib")]
    public void FindFile_CudaPath_IsLookedThrough(string folder)
    {
        string path = _tree.Add($"toolkit/{folder}/libnvrtc.so.12");

        var found = Find(_tree.Empty() with { CudaPaths = [_tree.At("toolkit")] }, LibraryNames.Nvrtc, 12);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.CudaPath, path)));
    }

    [Test]
    public void FindFile_SeveralToolkits_TakesTheNewestOfTheMajor()
    {
        _tree.Add("usr/local/cuda-12.9/lib64/libnvrtc.so.12");
        string newest = _tree.Add("usr/local/cuda-12.10/lib64/libnvrtc.so.12");
        _tree.Add("usr/local/cuda-13.0/lib64/libnvrtc.so.12");
        _tree.Add("usr/local/cuda-12.x/lib64/libnvrtc.so.12");

        var found = Find(_tree.Empty(), LibraryNames.Nvrtc, 12);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Toolkit, newest)));
    }

    [Test]
    public void FindFile_ToolkitWithoutAVersionInItsName_IsFound()
    {
        string path = _tree.Add("usr/local/cuda/lib64/libcublas.so.13");

        Assert.That(Find(_tree.Empty(), LibraryNames.Cublas, 13), Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Toolkit, path)));
        Assert.That(Find(_tree.Empty(), LibraryNames.Cublas, 12), Is.Null);
    }

    [Test]
    public void FindFile_SeveralPythons_TakesTheNewest()
    {
        _tree.Add("venv/lib/python3.9/site-packages/nvidia/cublas/lib/libcublas.so.12");
        string newest = _tree.Add("venv/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12");

        var found = Find(_tree.Empty() with { VirtualEnv = _tree.At("venv") }, LibraryNames.Cublas, 12);

        Assert.That(found?.PathOrName, Is.EqualTo(newest));
    }

    [TestCase(LibraryNames.Nvrtc, 12, "nvidia/cuda_nvrtc/bin/nvrtc64_120_0.dll")]
    [TestCase(LibraryNames.Nvrtc, 13, "nvidia/cu13/bin/x86_64/nvrtc64_130_0.dll")]
    [TestCase(LibraryNames.CublasLt, 12, "nvidia/cublas/bin/cublasLt64_12.dll")]
    [TestCase(LibraryNames.CublasLt, 13, "nvidia/cu13/bin/x86_64/cublasLt64_13.dll")]
    [TestCase(LibraryNames.Cublas, 12, "nvidia/cublas/bin/cublas64_12.dll")]
    [TestCase(LibraryNames.Cublas, 13, "nvidia/cu13/bin/x86_64/cublas64_13.dll")]
    [TestCase(LibraryNames.Cudnn, 12, "nvidia/cudnn/bin/cudnn64_9.dll")]
    [TestCase(LibraryNames.Cudnn, 13, "nvidia/cudnn/bin/cudnn64_9.dll")]
    public void FindFile_WindowsWheels_AreFound(string library, int major, string file)
    {
        string path = _tree.Add("venv/Lib/site-packages/" + file);

        var found = Find(_tree.Empty(isWindows: true) with { VirtualEnv = _tree.At("venv") }, library, major);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Python, path)));
    }

    [TestCase(LibraryNames.Cuda, "nvcuda.dll")]
    [TestCase(LibraryNames.Nvtx, "nvToolsExt64_1.dll")]
    public void Names_OnWindows_AreThose(string library, string name) =>
        Assert.That(NativeLibraryCatalog.Get(library).Names(true, 12), Is.EqualTo(new[] { name }));

    [Test]
    public void Parts_OnWindows_AreLoadedGraphFirstAndBuiltinsToo()
    {
        Assert.That(NativeLibraryCatalog.Get(LibraryNames.Cudnn).After(true),
            Is.EqualTo(new[] { "cudnn_graph64_9.dll", "cudnn_ops64_9.dll", "cudnn_cnn64_9.dll", "cudnn_*64_9.dll" }));
        Assert.That(NativeLibraryCatalog.Get(LibraryNames.Nvrtc).Before(true), Is.EqualTo(new[] { "nvrtc-builtins64_*.dll" }));
    }

    [TestCase("nvrtc64_120_0.dll", LibraryNames.Nvrtc, 12, "v12.4/bin")]
    [TestCase("nvrtc64_130_0.dll", LibraryNames.Nvrtc, 13, "v13.0/bin/x64")]
    [TestCase("nvrtc64_112_0.dll", LibraryNames.Nvrtc, 11, "v11.8/bin")]
    [TestCase("cublas64_12.dll", LibraryNames.Cublas, 12, "v12.4/bin")]
    [TestCase("cublasLt64_12.dll", LibraryNames.CublasLt, 12, "v12.4/bin")]
    [TestCase("cublasLt64_13.dll", LibraryNames.CublasLt, 13, "v13.0/bin/x64")]
    public void FindFile_WindowsToolkit_IsFound(string file, string library, int major, string folder)
    {
        string path = _tree.Add($"usr/local/{folder}/{file}");

        var found = Find(_tree.Empty(isWindows: true), library, major);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Toolkit, path)));
    }

    [Test]
    public void FindFile_CompilerOfCuda11_HasItsOwnName()
    {
        string path = _tree.Add("configured/libnvrtc.so.11.2");

        var found = Find(_tree.Empty() with { VariableFolders = [_tree.At("configured")] }, LibraryNames.Nvrtc, 11);

        Assert.That(found, Is.EqualTo(new LibraryCandidate(LibrarySearchStep.Variable, path)));
    }

    [Test]
    public void FindFile_DriverInAContainer_IsFoundAfterTheSystem()
    {
        string path = _tree.Add("usr/local/nvidia/lib64/libcuda.so.1");

        Assert.That(Find(_tree.Empty(), LibraryNames.Cuda, 0), Is.EqualTo(new LibraryCandidate(LibrarySearchStep.System, path)));
    }

    [Test]
    public void GetCandidates_LibraryEverywhere_FollowsTheOrder()
    {
        const string File = "libcublas.so.12";
        var environment = _tree.Empty() with
        {
            ConfiguredFolders = [_tree.At("configured")],
            VariableFolders = [_tree.At("first"), _tree.At("second")],
            VirtualEnv = _tree.At("venv"),
            CudaPaths = [_tree.At("toolkit")],
        };
        string[] files =
        [
            _tree.Add("configured/" + File), _tree.Add("first/" + File), _tree.Add("second/" + File), _tree.Add("app/runtimes/linux-x64/native/" + File),
            _tree.Add("venv/lib/python3.11/site-packages/nvidia/cublas/lib/" + File), _tree.Add("toolkit/lib64/" + File), _tree.Add("usr/local/cuda-12.4/lib64/" + File),
        ];

        var candidates = new LibraryLocator(environment).GetCandidates(NativeLibraryCatalog.Get(LibraryNames.Cublas), 12).ToArray();

        Assert.That(candidates.Where(c => System.IO.File.Exists(c.PathOrName)).Select(c => c.PathOrName), Is.EqualTo(files));
        Assert.That(candidates.Select(c => c.Step), Is.Ordered);
        Assert.That(candidates.Where(c => c.IsBareName), Is.EqualTo(new[]
        {
            new LibraryCandidate(LibrarySearchStep.AlreadyLoaded, File), new LibraryCandidate(LibrarySearchStep.System, File),
        }));
        Assert.That(candidates.Select(c => c.Step).Distinct(), Is.EqualTo(Enum.GetValues<LibrarySearchStep>()));
    }

    [Test]
    public void GetCandidates_Driver_IsNeverLookedForInPackages()
    {
        _tree.Add("app/libcuda.so.1");
        _tree.Add("usr/local/cuda-12.4/lib64/stubs/libcuda.so.1");

        var steps = new LibraryLocator(_tree.Empty()).GetCandidates(NativeLibraryCatalog.Get(LibraryNames.Cuda), 0).Select(c => c.Step);

        Assert.That(steps, Is.EqualTo(new[] { LibrarySearchStep.AlreadyLoaded, LibrarySearchStep.System, LibrarySearchStep.System }));
    }

    [Test]
    public void Folders_OfAVariable_AreSplitLikePath()
    {
        string list = string.Join(Path.PathSeparator, "/a/b", " /c ", "");

        Assert.That(LocatorEnvironment.Folders(list), Is.EqualTo(new[] { "/a/b", "/c" }));
        Assert.That(LocatorEnvironment.Folders(null), Is.Empty);
    }

    private static LibraryCandidate? Find(LocatorEnvironment environment, string library, int major) =>
        new LibraryLocator(environment).FindFile(NativeLibraryCatalog.Get(library), major);
}
