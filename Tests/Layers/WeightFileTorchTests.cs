using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Weight files to and from a real PyTorch, where the machine has one.</summary>
[NUnit.Framework.Category("Slow")]
internal sealed class WeightFileTorchTests
{
    // Reads and writes safetensors by hand, so that nothing but PyTorch itself is needed.
    private const string Script = """
        import json, struct, sys
        import numpy as np, torch
        from recorder import networks, values
        action, path, model, channels, side, width = sys.argv[1:7]
        channels, side = int(channels), int(side)
        net = networks.make(model, channels, side)
        if action == "write":
            net = networks.build(model, channels, side, torch.float32)
            if width == "half":
                net.half()
            header, blob = {}, b""
            for name, t in torch.nn.DataParallel(net).state_dict().items():
                kind = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}[t.dtype]
                data = t.contiguous().numpy().tobytes()
                header[name] = {"dtype": kind, "shape": list(t.shape), "data_offsets": [len(blob), len(blob) + len(data)]}
                blob += data
            text = json.dumps(header).encode()
            open(path, "wb").write(struct.pack("<Q", len(text)) + text + blob)
            net.float()
        else:
            raw = open(path, "rb").read()
            size, = struct.unpack("<Q", raw[:8])
            header, blob = json.loads(raw[8:8 + size]), raw[8 + size:]
            state = {}
            for name, entry in header.items():
                if name != "__metadata__":
                    assert entry["dtype"] == "F32"
                    begin, end = entry["data_offsets"]
                    state[name] = torch.from_numpy(np.frombuffer(blob[begin:end], "<f4").copy().reshape(entry["shape"]))
            net.load_state_dict(state, strict=True)
        x = torch.from_numpy(values.images((2, channels, side, side), 0))
        with torch.no_grad():
            print(" ".join(repr(float(v)) for v in net.eval()(x).flatten()))
        """;

    [TestCase("small-cnn", 1, 28)]
    [TestCase("medium-cnn", 3, 32)]
    [TestCase("mlp", 3, 32)]
    [TestCase("resnet18", 3, 32)]
    [TestCase("preact-resnet18", 3, 32)]
    [TestCase("wrn-16-2", 3, 32)]
    public void Save_LoadedStrictlyByPyTorch_GivesOurLogits(string model, int channels, int side)
    {
        using var folder = new TempFolder();
        using var runner = new NetworkRunner(
            new NetworkSpec(model, side, side, channels, NetworkRunner.Classes), DType.Float32);
        var path = folder.File("ours.safetensors");
        WeightFile.Save(runner.Network, path);

        var theirs = RunTorch(folder, "read", path, model, channels, side, "float");

        var ours = runner.Logits(runner.PutImages(GoldenValues.Images(2, channels, side, side)), ForwardMode.Eval);
        GoldenCheck.Close(ours, theirs, GoldenCheck.NetworkTolerance, model);
    }

    [TestCase("small-cnn", 3, 32, "float")]
    [TestCase("medium-cnn", 1, 28, "float")]
    [TestCase("mlp", 1, 28, "half")]
    [TestCase("resnet18", 3, 32, "float")]
    [TestCase("preact-resnet18", 3, 32, "half")]
    [TestCase("wrn-10-2", 3, 32, "float")]
    public void Load_StateDictWrittenByPyTorch_GivesItsLogits(string model, int channels, int side, string width)
    {
        using var folder = new TempFolder();
        using var runner = new GraphRunner(DType.Float32);
        var path = folder.File("theirs.safetensors");

        var theirs = RunTorch(folder, "write", path, model, channels, side, width);
        var spec = WeightFile.InferSpec(path, model, NetworkRunner.Classes);
        using var network = WeightFile.Load(path, runner.Device, spec).Network;

        var images = runner.Put(new Shape(2, side, side, channels), TorchOrder.ChannelsLast(
            GoldenValues.Widen(GoldenValues.Images(2, channels, side, side)), 2, channels, side, side));
        var ours = runner.Run(graph =>
            [network.Forward(new ForwardContext(graph, ForwardMode.Eval), graph.Bind(images))])[0];
        GoldenCheck.Close(ours, theirs, GoldenCheck.NetworkTolerance, model);
    }

    /// <summary>Runs the script with the first Python that has PyTorch; returns the logits it prints.</summary>
    private static double[] RunTorch(
        TempFolder folder, string action, string path, string model, int channels, int side, string width)
    {
        var script = folder.File("check.py");
        File.WriteAllText(script, Script);
        string[] sizes = [channels.ToString(CultureInfo.InvariantCulture), side.ToString(CultureInfo.InvariantCulture)];
        foreach (var python in new[] { "python3", "/usr/bin/python3", "python" })
        {
            if (Run(python, "-c", "import torch, numpy") is not { Code: 0 }) continue;
            var result = Run(python, [script, action, path, model, .. sizes, width])!.Value;
            Assert.That(result.Code, Is.Zero, result.Errors);
            return Array.ConvertAll(result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
                word => double.Parse(word, CultureInfo.InvariantCulture));
        }

        Assert.Ignore("There is no Python with PyTorch on this machine.");
        return [];
    }

    private static (int Code, string Output, string Errors)? Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = RecorderFolder();
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>The folder of the recorder's networks, in the checkout that the tests were built from.</summary>
    private static string RecorderFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "Tests", "Golden");
            if (File.Exists(Path.Combine(folder, "recorder", "networks.py"))) return folder;
        }

        Assert.Ignore("The recorder's networks are not beside the tests.");
        return "";
    }
}
