using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Which library is loaded, in what order, and what is said where none is.</summary>
internal sealed class LibraryLoaderTests
{
    private LibraryTree _tree = null!;
    private FakeNativeLoader _native = null!;

    [SetUp]
    public void MakeTree()
    {
        _tree = LibraryTree.Plant();
        _native = new FakeNativeLoader();
        _native.InSystem.Add("libcuda.so.1");
    }

    [TearDown]
    public void RemoveTree() => _tree.Dispose();

    [Test]
    public void Load_Twice_SearchesOnce()
    {
        _tree.Add("folder/libnvrtc.so.12");
        var loader = Loader();

        nint first = loader.Load(LibraryNames.Nvrtc);
        int loaded = _native.Loaded.Count;
        nint second = loader.Load(LibraryNames.Nvrtc);

        Assert.That(second, Is.EqualTo(first).And.Not.EqualTo((nint)0));
        Assert.That(_native.Loaded, Has.Count.EqualTo(loaded));
    }

    [Test]
    public void TryLoad_Missing_IsRememberedToo()
    {
        var loader = Loader();
        Assert.That(loader.TryLoad(LibraryNames.Nvrtc, out var trace), Is.EqualTo((nint)0));
        _tree.Add("folder/libnvrtc.so.13");

        Assert.That(loader.TryLoad(LibraryNames.Nvrtc, out var again), Is.EqualTo((nint)0));
        Assert.That(again, Is.SameAs(trace));
        Assert.That(loader.IsLoaded(LibraryNames.Nvrtc), Is.False);
    }

    [Test]
    public void Configure_AfterALoad_SaysWhenToCallIt()
    {
        var loader = Loader();
        loader.Configure(new NativeLibraryOptions());
        loader.TryLoad(LibraryNames.Cuda, out _);

        var error = Assert.Throws<CodatException>(() => loader.Configure(new NativeLibraryOptions()));

        Assert.That(error!.Message, Does.Contain("only before the first is loaded").And.Contain("the CUDA driver").And.Contain("first thing"));
        Assert.That(error.IsUsage, Is.True);
    }

    [Test]
    public void Configure_Folders_ComeBeforeTheVariable()
    {
        string wanted = _tree.Add("mine/libnvrtc.so.12");
        _tree.Add("folder/libnvrtc.so.12");
        var loader = Loader();
        loader.Configure(new NativeLibraryOptions { Folders = [_tree.At("mine")] });

        loader.TryLoad(LibraryNames.Nvrtc, out var trace);

        Assert.That(trace.Path, Is.EqualTo(wanted));
    }

    [Test]
    public void Configure_UnknownMajor_IsRefused() =>
        Assert.That(() => Loader().Configure(new NativeLibraryOptions { CudaMajor = 11 }), Throws.InstanceOf<CodatException>().With.Message.Contains("13 or 12, found 11"));

    [Test]
    public void Load_InTheProcessAlready_TakesThatCopy()
    {
        foreach (string file in new[] { "libnvrtc.so.12", "libcublasLt.so.12", "libcublas.so.12" })
        {
            _native.InProcess.Add(file);
            _tree.Add("venv/lib/python3.11/site-packages/nvidia/cu13/lib/" + file.Replace("12", "13", StringComparison.Ordinal));
        }

        nint handle = Loader(folders: []).TryLoad(LibraryNames.Cublas, out var trace);

        Assert.That(handle, Is.Not.EqualTo((nint)0));
        Assert.That(trace.FoundAt, Is.EqualTo(LibrarySearchStep.AlreadyLoaded));
        Assert.That(_native.Loaded, Is.EqualTo(new[] { "libcuda.so.1" }));
    }

    [Test]
    public void Load_BrokenFile_GoesOnAndRemembers()
    {
        _tree.Add("folder/libnvrtc.so.12");
        _native.Broken["libnvrtc.so.12"] = "wrong ELF class";

        var error = Assert.Throws<NativeLibraryNotFoundException>(() => Loader().Load(LibraryNames.Nvrtc));

        Assert.That(error!.Message, Does.Contain("NVRTC cannot be used").And.Contain("wrong ELF class"));
        Assert.That(error.ToString(), Does.Contain(_tree.At("folder/libnvrtc.so.12")).And.Contain("installed toolkit").And.Contain("system search: libnvrtc.so.12"));
    }

    [Test]
    public void Load_Missing_SaysWhatToInstallAndWhichVariableToSet()
    {
        _native.Versions[LibraryNames.Cuda] = ("12.4", 12);

        var error = Assert.Throws<NativeLibraryNotFoundException>(() => Loader().Load(LibraryNames.Cudnn));

        Assert.That(error!.Message, Does.Contain("cuDNN 9 was not found").And.Contain("pip install nvidia-cudnn-cu12")
            .And.Contain("CODAT_CUDA_LIBRARY_PATH").And.Contain("libcudnn.so.9"));
        Assert.That(error.Message, Does.Not.Contain("\n"));
        Assert.That(error.Trace.AttemptCount, Is.GreaterThan(4));
    }

    [Test]
    public void Load_OnlyLibrariesTheDriverCannotRun_NamesTheMismatch()
    {
        _native.Versions[LibraryNames.Cuda] = ("12.4", 12);
        foreach (var file in new[] { "libnvrtc.so.13", "libcublasLt.so.13", "libcublas.so.13" }) _tree.Add($"folder/{file}");

        var error = Assert.Throws<NativeLibraryNotFoundException>(() => Loader().Load(LibraryNames.CublasLt));

        Assert.That(error!.Message, Does.Contain("libcublasLt.so.12").And.Contain("libraries of CUDA 13 are here, and the driver runs CUDA 12 at most")
            .And.Contain("update the driver").And.Contain("pip install nvidia-cublas-cu12"));
        Assert.That(_native.Loaded, Has.None.Contains(".so.13"));
    }

    [Test]
    public void Load_MajorAskedForThatTheDriverCannotRun_IsRefused()
    {
        _native.Versions[LibraryNames.Cuda] = ("12.4", 12);
        _tree.Add("folder/libnvrtc.so.13");
        var loader = Loader();
        loader.Configure(new NativeLibraryOptions { CudaMajor = 13 });

        var error = Assert.Throws<NativeLibraryNotFoundException>(() => loader.Load(LibraryNames.Nvrtc));

        Assert.That(error!.Message, Does.Contain("CUDA 13 was asked for in code, and the driver runs CUDA 12 at most"));
        Assert.That(_native.Loaded, Has.None.Contains(".so.13"));
    }

    [Test]
    public void Load_BothMajorsInTheSystem_LoadsOneOnly()
    {
        foreach (var name in new[] { "libnvrtc", "libcublasLt", "libcublas" })
            foreach (var major in new[] { 12, 13 }) _native.InSystem.Add($"{name}.so.{major}");

        Loader().Load(LibraryNames.CublasLt);

        Assert.That(_native.Loaded, Has.Some.EqualTo("libcublasLt.so.13").And.None.Contains(".so.12"));
    }

    [Test]
    public void Load_NoDriver_SaysToInstallOne()
    {
        _native.InSystem.Clear();

        var error = Assert.Throws<NativeLibraryNotFoundException>(() => Loader().Load(LibraryNames.Cuda));

        Assert.That(error!.Message, Does.Contain("the CUDA driver was not found").And.Contain("install the NVIDIA driver"));
    }

    [Test]
    public void Load_Cublas_BringsLtFirst()
    {
        _tree.Add("folder/libcublas.so.12");
        _tree.Add("folder/libcublasLt.so.12");

        Loader().Load(LibraryNames.Cublas);

        Assert.That(_native.Loaded.Select(Path.GetFileName), Is.EqualTo(new[] { "libcuda.so.1", "libcublasLt.so.12", "libcublas.so.12" }));
    }

    [Test]
    public void Load_Nvrtc_BringsTheBuiltinsBesideItFirst()
    {
        _tree.Add("folder/libnvrtc.so.12");
        string builtins = _tree.Add("folder/libnvrtc-builtins.so.12.4");

        Loader().Load(LibraryNames.Nvrtc);

        Assert.That(_native.Loaded[^2..], Is.EqualTo(new[] { builtins, _tree.At("folder/libnvrtc.so.12") }));
    }

    [Test]
    public void Load_Cudnn_BringsItsPartsGraphFirst()
    {
        AddCudnn();

        Loader().Load(LibraryNames.Cudnn);

        Assert.That(_native.Loaded.Select(Path.GetFileName).SkipWhile(f => f != "libcudnn.so.9"), Is.EqualTo(new[]
        {
            "libcudnn.so.9", "libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9", "libcudnn_adv.so.9", "libcudnn_heuristic.so.9",
        }));
    }

    [Test]
    public void Load_CudnnPartWithoutSearchPath_IsLoadedAfterItsSiblingsAreGlobal()
    {
        AddCudnn();
        _native.NeedsPromoted["libcudnn_ops.so.9"] = "libcudnn_graph.so.9";

        Loader().TryLoad(LibraryNames.Cudnn, out var trace);

        Assert.That(_native.Loaded.Select(Path.GetFileName), Does.Contain("libcudnn_ops.so.9"));
        Assert.That(trace.ToString(), Does.Not.Contain("part not loaded").And.Contain("libcudnn_ops.so.9: part loaded")
            .And.Contain("libcudnn_graph.so.9: part loaded"));
    }

    [Test]
    public void Load_CudnnPartBroken_IsNotedAndNotFatal()
    {
        AddCudnn();
        _native.Broken["libcudnn_adv.so.9"] = "file too short";

        nint handle = Loader().TryLoad(LibraryNames.Cudnn, out var trace);

        Assert.That(handle, Is.Not.EqualTo((nint)0));
        Assert.That(trace.ToString(), Does.Contain("libcudnn_adv.so.9: part not loaded: file too short"));
    }

    [Test]
    public void Load_CudnnOfTheOtherMajor_IsRefused()
    {
        AddCudnn();
        _native.Versions[LibraryNames.Cudnn] = ("9.12.0", 13);

        var error = Assert.Throws<NativeLibraryNotFoundException>(() => Loader().Load(LibraryNames.Cudnn));

        Assert.That(error!.Message, Does.Contain("built for CUDA 13, and CUDA 12 is in use").And.Contain("nvidia-cudnn-cu12"));
        Assert.That(_native.Loaded.Select(Path.GetFileName), Does.Not.Contain("libcudnn_graph.so.9"));
    }

    [Test]
    public void Load_CudnnOfTheOtherMajorFirst_GoesOnToTheRightOne()
    {
        AddCudnn();
        string wrong = _tree.Add("mine/libcudnn.so.9");
        _native.Versions[wrong] = ("9.12.0", 13);
        var loader = Loader();
        loader.Configure(new NativeLibraryOptions { Folders = [_tree.At("mine")] });

        loader.TryLoad(LibraryNames.Cudnn, out var trace);

        Assert.That(trace.Path, Is.EqualTo(_tree.At("folder/libcudnn.so.9")));
        Assert.That(trace.ToString(), Does.Contain(wrong));
    }

    [Test]
    public void Load_OnlyCompilerOfCuda118_IsForCompilingOnly()
    {
        string path = _tree.Add("folder/libnvrtc.so.11.2");
        _native.Versions[LibraryNames.Nvrtc] = ("11.8", 11);
        var loader = Loader();

        loader.TryLoad(LibraryNames.Nvrtc, out var trace);

        Assert.That((trace.Path, loader.IsCompilerOnly), Is.EqualTo((path, true)));
    }

    [Test]
    public void Load_OlderCompiler_IsRefused()
    {
        _tree.Add("folder/libnvrtc.so.11.2");
        _native.Versions[LibraryNames.Nvrtc] = ("11.4", 11);

        Assert.That(() => Loader().Load(LibraryNames.Nvrtc),
            Throws.InstanceOf<NativeLibraryNotFoundException>().With.Message.Contains("version 11.4 is older than 11.8"));
    }

    [Test]
    public void Load_CompilerOfBothAges_TakesTheNewer()
    {
        _tree.Add("folder/libnvrtc.so.11.2");
        string newer = _tree.Add("folder/libnvrtc.so.12");
        var loader = Loader();

        loader.TryLoad(LibraryNames.Nvrtc, out var trace);

        Assert.That((trace.Path, loader.IsCompilerOnly), Is.EqualTo((newer, false)));
    }

    [Test]
    public void Summary_Found_NamesVersionFileAndStep()
    {
        string path = _tree.Add("folder/libnvrtc.so.12");

        Loader().TryLoad(LibraryNames.Nvrtc, out var trace);

        Assert.That(trace.Summary, Is.EqualTo($"NVRTC 12.4 from {path} (CODAT_CUDA_LIBRARY_PATH)"));
    }

    private void AddCudnn()
    {
        foreach (string file in new[] { "libnvrtc.so.12", "libcublasLt.so.12", "libcublas.so.12", "libcudnn.so.9" }) _tree.Add("folder/" + file);
        foreach (string part in new[] { "adv", "cnn", "graph", "heuristic", "ops" }) _tree.Add($"folder/libcudnn_{part}.so.9");
    }

    private LibraryLoader Loader(string[]? folders = null) => new(options => _tree.Empty() with
    {
        ConfiguredFolders = options.Folders,
        VariableFolders = folders ?? [_tree.At("folder")],
        VirtualEnv = _tree.At("venv"),
    }, _native);
}
