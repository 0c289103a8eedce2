using Codat.Native.Autograd;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Rounding of the bf16 variants of kernels, bit by bit, launched by themselves.</summary>
[CudaFixture]
internal sealed class Bf16KernelTests
{
    private static CompileOptions Options => CudaVariants.Exact.Define("ELEMENT", "bf16");

    [Test]
    public void Convert_FloatToBf16_RoundsToNearestEven()
    {
        // Halfway between two neighbours, just beside it, the largest number, infinities, NaN with a low payload.
        uint[] bits =
        [
            0x3F800000, 0x3F808000, 0x3F818000, 0x3F808001, 0x3F807FFF, 0x7F7FFFFF, 0x7F800000, 0xFF800000,
            0x7F800001, 0x80000001, 0x00008000, 0xC0490FDB,
        ];
        ushort[] expected = [0x3F80, 0x3F80, 0x3F82, 0x3F81, 0x3F80, 0x7F80, 0x7F80, 0xFF80, 0x7FC0, 0x8000, 0x0000, 0xC049];
        using var device = CudaTestDevice.CreateDevice();
        using var from = new Words(device, Array.ConvertAll(bits, BitConverter.UInt32BitsToSingle));
        using var to = new Words(device, new ushort[bits.Length]);

        Launch(device, "convert.cu", "convert", LaunchShape.ForElements(bits.Length, perThread: 4), new ConvertArgs
        {
            From = from.Address, To = to.Address, Count = bits.Length, FromChannels = 1, ToChannels = 1,
        }, Options.Define("FROM", "float").Define("TO", "bf16"));

        Assert.That(to.Read<ushort>(), Is.EqualTo(expected));
    }

    [Test]
    public void Convert_ToMoreChannelsAndBack_PadsWithZerosAndDropsThem()
    {
        const int Rows = 5;
        using var device = CudaTestDevice.CreateDevice();
        var values = Array.ConvertAll(TestValues.Normal(3 * Rows, 1), v => Round((float)v));
        using var from = new Words(device, values);
        using var wide = new Words(device, new ushort[8 * Rows]);
        using var back = new Words(device, new float[3 * Rows]);

        Launch(device, "convert.cu", "convert", LaunchShape.ForElements(8 * Rows, perThread: 4), new ConvertArgs
        {
            From = from.Address, To = wide.Address, Count = 8 * Rows, FromChannels = 3, ToChannels = 8,
        }, Options.Define("FROM", "float").Define("TO", "bf16"));
        Launch(device, "convert.cu", "convert", LaunchShape.ForElements(3 * Rows, perThread: 4), new ConvertArgs
        {
            From = wide.Address, To = back.Address, Count = 3 * Rows, FromChannels = 8, ToChannels = 3,
        }, Options.Define("FROM", "bf16").Define("TO", "float"));

        Assert.That(back.Read<float>(), Is.EqualTo(values));
        var padded = wide.Read<ushort>();
        for (var i = 0; i < padded.Length; i++) Assert.That(padded[i] != 0, Is.EqualTo(i % 8 < 3), $"element {i}");
    }

    [TestCase(3, 3)]
    [TestCase(3, 8)]
    [TestCase(8, 3)]
    [TestCase(16, 16)]
    public void ConvertOp_ThereAndBack_GivesTheProcessorsBits(int from, int to)
    {
        // An odd number of rows, so that the last thread has fewer than four elements where channels allow it.
        var item = CudaCase.Of("convert", Agreement.Exact, b =>
        {
            var values = TestValues.Normal(7 * from, 1);
            values[4] = double.NaN;
            var narrow = b.Graph.Apply(new ConvertOp(DType.BFloat16, to), b.Input(new Shape(7, from), values));
            return b.Graph.Apply(new ConvertOp(DType.Float32, from), narrow);
        });
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();

        var expected = item.Run(cpu, DType.Float32)[0];
        var found = item.Run(cuda, DType.Float32)[0];

        Assert.That(found, Is.EqualTo(expected));
        Assert.That(found.Where(double.IsFinite), Has.Some.Not.Zero);
        if (from > to) Assert.That(found.Where((_, i) => i % from >= to), Is.All.Zero);
    }

    [TestCase(24)]
    [TestCase(5)]
    public void ChannelAffine_OfBf16_RoundsTheFloatResult(int channels)
    {
        const int Rows = 37;
        using var device = CudaTestDevice.CreateDevice();
        var x = Array.ConvertAll(TestValues.Normal(Rows * channels, 1), v => Round((float)v));
        var table = Array.ConvertAll(TestValues.Normal(2 * channels, 2), v => (float)v);
        using var input = new Words(device, Array.ConvertAll(x, Bits));
        using var affine = new Words(device, table);
        using var output = new Words(device, new ushort[x.Length]);
        var isWide = channels % 8 == 0;
        var columns = isWide ? channels / 8 : channels;

        Launch(device, "channel_affine.cu", "channel_affine",
            new LaunchShape((uint)((Rows + 31) / 32), (uint)((columns + 7) / 8), 1, 8, 32, 1, 0), new ChannelAffineArgs
            {
                X = input.Address, Y = output.Address, Table = affine.Address, Kind = (int)ChannelAffineKind.ScaleAndShift,
                Columns = new Columns { Rows = Rows, Channels = channels, RowsPerThread = 1 }, IsWide = isWide ? 1 : 0, HasRelu = 1,
            }, Options);

        var expected = new ushort[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var y = (float)(x[i] * table[i % channels]) + table[channels + i % channels];
            expected[i] = Bits(y < 0 ? 0 : y);
        }
        Assert.That(output.Read<ushort>(), Is.EqualTo(expected));
    }

    [TestCase(24)]
    [TestCase(5)]
    public void ChannelSums_OfBf16_AreMomentsInFloat(int channels)
    {
        const int Rows = 300;
        using var device = CudaTestDevice.CreateDevice();
        var x = Array.ConvertAll(TestValues.Normal(Rows * channels, 1), v => Round((float)v + 3));
        using var input = new Words(device, Array.ConvertAll(x, Bits));
        using var output = new Words(device, new float[2 * channels]);
        using var partial = new Words(device, new double[64 * 2 * channels]);
        var isWide = channels % 8 == 0;
        var columns = isWide ? channels / 8 : channels;
        var args = new ChannelSumsArgs
        {
            X = input.Address, Y = output.Address, Partial = partial.Address, Parts = (Rows + 63) / 64, IsWide = isWide ? 1 : 0,
            Columns = new Columns { Rows = Rows, Channels = channels, RowsPerThread = 2 }, Kind = (int)ChannelSumsKind.Moments,
        };

        Launch(device, "channel_sums.cu", "channel_sums",
            new LaunchShape((uint)args.Parts, (uint)((columns + 7) / 8), 1, 8, 32, 1, 0), args, Options);
        Launch(device, "channel_sums.cu", "channel_sums_finish", new LaunchShape(1, 1, 1, 32, 16, 1, 0), args, Options);

        var moments = output.Read<float>();
        for (var c = 0; c < channels; c++)
        {
            var column = Enumerable.Range(0, Rows).Select(r => (double)x[r * channels + c]).ToArray();
            var mean = column.Average();
            Assert.That(moments[c], Is.EqualTo(mean).Within(1e-6 * Math.Abs(mean)));
            var variance = column.Select(v => (v - mean) * (v - mean)).Average();
            Assert.That(moments[channels + c], Is.EqualTo(variance).Within(1e-5 * variance));
        }
    }

    private static void Launch<TArgs>(
        CudaDevice device, string file, string entry, LaunchShape shape, TArgs args, CompileOptions options)
        where TArgs : unmanaged
    {
        var source = KernelSources.Get(typeof(CudaVariants).Assembly, file);
        device.Session.Kernels.Get<TArgs>(source, entry, options).Launch(device.Stream, shape, args);
    }

    /// <summary>The nearest bf16, ties to even, of a number that is not NaN.</summary>
    private static ushort Bits(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    private static float Round(float value) => BitConverter.UInt32BitsToSingle((uint)Bits(value) << 16);

    /// <summary>Device memory of words of any size.</summary>
    private sealed class Words : IDisposable
    {
        private readonly CudaDevice _device;
        private readonly nint _memory;
        private readonly int _bytes;

        public Words(CudaDevice device, Array values)
        {
            _device = device;
            _bytes = Buffer.ByteLength(values);
            _memory = device.AllocateMemory(_bytes);
            var bytes = new byte[_bytes];
            Buffer.BlockCopy(values, 0, bytes, 0, _bytes);
            device.WriteMemory(_memory, bytes);
        }

        public ulong Address => (ulong)_memory;

        public T[] Read<T>() where T : unmanaged
        {
            var bytes = new byte[_bytes];
            _device.ReadMemory(_memory, bytes);
            return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes).ToArray();
        }

        public void Dispose() => _device.ReleaseMemory(_memory, _bytes);
    }
}
