using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class TensorTests
{
    [Test]
    public void Allocate_NewTensor_IsZero()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var dirty = device.Allocate(DType.Float32, new Shape(1000));
        dirty.CopyFrom<float>(Enumerable.Repeat(1f, 1000).ToArray());
        dirty.Dispose();

        using var tensor = device.Allocate(DType.Float32, new Shape(10, 100), "x");

        Assert.That(tensor.ToArray<float>(), Is.All.Zero);
        Assert.That(tensor.Bytes, Is.EqualTo(4000));
        Assert.That(tensor.ToString(), Is.EqualTo("x Float32 [10,100]"));
    }

    [Test]
    public void Part_BytesAsNumbers_SharesTheMemory()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var root = device.Allocate(DType.UInt8, new Shape(32), "root");

        var part = root.Part(8, DType.Int32, new Shape(2, 2), "part");
        part.CopyFrom<int>([1, -1, 0x01020304, 5]);

        Assert.That(root.ToArray<byte>()[8..24], Is.EqualTo(new byte[] { 1, 0, 0, 0, 255, 255, 255, 255, 4, 3, 2, 1, 5, 0, 0, 0 }));
        Assert.That(part.Overlaps(root.Part(24, DType.Float64, new Shape(1), "after")), Is.False);
        Assert.That(() => root.Part(24, DType.Int32, new Shape(3), "long"), Throws.ArgumentException);
        Assert.That(() => root.Part(2, DType.Int32, new Shape(1), "crooked"), Throws.ArgumentException);
    }

    [Test]
    public void Window_OfAPart_MovesWithinThePart()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var root = device.Allocate(DType.Int32, new Shape(10), "root");
        root.CopyFrom<int>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        var window = root.View(2, new Shape(6), "part").Window(2, "window");

        Assert.That(window.ToArray<int>(), Is.EqualTo(new[] { 2, 3 }));
        window.MoveTo(4);

        Assert.That(window.ToArray<int>(), Is.EqualTo(new[] { 6, 7 }));
        Assert.That(() => window.MoveTo(5), Throws.InvalidOperationException);
    }

    [Test]
    public void View_OfAView_SharesTheMemory()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var root = device.Allocate(DType.Int32, new Shape(10), "root");
        root.CopyFrom<int>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

        var view = root.View(2, new Shape(2, 3), "view");
        var inner = view.View(3, new Shape(3), "inner");
        inner.CopyFrom<int>([-5, -6, -7]);

        Assert.That(view.ToArray<int>(), Is.EqualTo(new[] { 2, 3, 4, -5, -6, -7 }));
        Assert.That(root.ToArray<int>(), Is.EqualTo(new[] { 0, 1, 2, 3, 4, -5, -6, -7, 8, 9 }));
        Assert.That(inner.Overlaps(root), Is.True);
        Assert.That(inner.Overlaps(root.View(8, new Shape(2), "after")), Is.False);
        Assert.That(inner.Overlaps(root.View(0, new Shape(5), "before")), Is.False);
        Assert.That(inner.Overlaps(root.View(0, new Shape(6), "into")), Is.True);
    }

    [Test]
    public void View_PastTheEnd_IsRefused([Values(-1, 8)] int offset)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var root = device.Allocate(DType.Int32, new Shape(10), "root");

        Assert.That(() => root.View(offset, new Shape(3), "view"), Throws.ArgumentException.With.Message.Contains("root").And.Message.Contains("[10]"));
    }

    [Test]
    public void Copy_WrongTypeOrLength_NamesTheTensor()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var tensor = device.Allocate(DType.Float32, new Shape(2, 2), "w");

        Assert.That(() => tensor.CopyFrom<double>(new double[4]), Throws.ArgumentException.With.Message.Contains("'w'").And.Message.Contains("Double"));
        Assert.That(() => tensor.CopyTo<float>(new float[5]), Throws.ArgumentException.With.Message.Contains("[2,2]").And.Message.Contains("5"));
        Assert.That(() => tensor.Span<int>(), Throws.ArgumentException.With.Message.Contains("'w'"));
    }

    [Test]
    public void Pointer_AfterDispose_IsRefusedForTheTensorAndItsViews()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        var tensor = device.Allocate(DType.Float32, new Shape(4), "w");
        var view = tensor.View(1, new Shape(2), "v");

        tensor.Dispose();
        tensor.Dispose();

        Assert.That(() => tensor.ToArray<float>(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => view.ToArray<float>(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Dispose_OfAView_LeavesTheTensor()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var tensor = device.Allocate(DType.Float32, new Shape(4), "w");

        tensor.View(1, new Shape(2), "v").Dispose();

        Assert.That(tensor.ToArray<float>(), Has.Length.EqualTo(4));
        Assert.That(device.Memory.LiveBlocks, Is.EqualTo(1));
    }

    [Test]
    public void Shape_Sizes_AreCountedAndNamed()
    {
        var shape = new Shape(2, 3, 4);

        Assert.That((shape.Count, shape.Rows, shape.Channels, shape[-1], shape[0]), Is.EqualTo((24L, 6L, 4, 4, 2)));
        Assert.That((Shape.Scalar.Count, Shape.Scalar.Rows, Shape.Scalar.Channels, Shape.Scalar.ToString()), Is.EqualTo((1L, 1L, 1, "[]")));
        Assert.That(shape, Is.EqualTo(new Shape(2, 3, 4)).And.Not.EqualTo(new Shape(2, 12)).And.Not.EqualTo(new Shape(2, 3, 4, 1)));
        Assert.That(shape.GetHashCode(), Is.EqualTo(new Shape(2, 3, 4).GetHashCode()));
        Assert.That(shape.ToString(), Is.EqualTo("[2,3,4]"));
        Assert.That(() => new Shape(1, 2, 3, 4, 5, 6), Throws.ArgumentException.With.Message.Contains("6"));
        Assert.That(() => new Shape(1, -2), Throws.ArgumentException.With.Message.Contains("-2"));
        Assert.That(() => shape[3], Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Shape(int.MaxValue, int.MaxValue, int.MaxValue).Count, Throws.InstanceOf<OverflowException>());
    }

    [Test]
    public void Run_OnViewsAtOddAddresses_GivesTheSameBits()
    {
        // Views need no alignment: every kernel of a small network reads and writes them at four bytes past a cache line.
        double[][] results = new double[2][];
        for (var offset = 0; offset < 2; offset++)
        {
            using var bench = new GraphBench(DType.Float32);
            var g = bench.Graph;
            var skip = offset;
            Tensor View(Shape shape, int seed)
            {
                var view = bench.Tensor(new Shape((int)shape.Count + 1), new double[shape.Count + 1]).View(skip, shape, "view");
                GraphBench.Write(view, TestValues.Normal(shape.Count, seed));
                return view;
            }
            Node Input(Shape shape, int seed) => g.Bind(View(shape, seed));
            var x = Input(new Shape(2, 8, 8, 3), 1);
            var y = g.Relu(g.AddChannels(g.Conv2d(x, Input(new Shape(16, 3, 3, 3), 2), padding: 1), Input(new Shape(16), 3)));
            var z = g.Conv2d(y, Input(new Shape(16, 3, 3, 16), 4), padding: 1);
            var loss = g.Mean(g.Square(g.MatMul(g.Flatten(z), Input(new Shape(1024, 5), 5))));
            var gradient = g.Gradients(loss, x)[0];
            var target = View(gradient.Shape, 6);
            g.Store(target, gradient);
            using var program = bench.Compile();

            program["main"].Run();

            results[offset] = GraphBench.Read(target);
        }

        Expect.SameBits(results[1], results[0]);
    }
}
