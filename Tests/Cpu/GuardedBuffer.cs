using System.Numerics;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Aligned memory between two zones of NaN: reads beyond it spoil results, writes beyond it are found.
/// </summary>
internal sealed unsafe class GuardedBuffer<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int GuardElements = 256;

    private readonly T* _memory;

    public GuardedBuffer(long length)
    {
        Length = checked((int)length);
        _memory = (T*)NativeMemory.AlignedAlloc((nuint)((Length + (2 * GuardElements)) * sizeof(T)), 64);
        new Span<T>(_memory, Length + (2 * GuardElements)).Fill(T.NaN);
    }

    public int Length { get; }

    public T* Pointer => _memory + GuardElements;

    public Span<T> Span => new(Pointer, Length);

    public static GuardedBuffer<T> Random(long length, Random random)
    {
        GuardedBuffer<T> buffer = new(length);
        foreach (ref T value in buffer.Span)
        {
            value = T.CreateChecked((2 * random.NextDouble()) - 1);
        }

        return buffer;
    }

    public double[] ToDoubles()
    {
        double[] values = new double[Length];
        for (int i = 0; i < Length; i++)
        {
            values[i] = double.CreateChecked(Span[i]);
        }

        return values;
    }

    public void AssertGuardsIntact(string what)
    {
        for (int i = 0; i < GuardElements; i++)
        {
            Assert.That(T.IsNaN(_memory[i]), $"{what}: written {GuardElements - i} elements before the buffer");
            Assert.That(T.IsNaN(Pointer[Length + i]), $"{what}: written {i} elements beyond the buffer");
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
