using System.Numerics;
using System.Numerics.Tensors;

namespace Codat.Native.Autograd;

/// <summary>Functions of the vector library whose bits do not depend on how many elements there are.</summary>
/// <remarks>
/// The library computes a span shorter than a vector with the scalar function, which rounds differently. An element's
/// bits would then depend on whether the batch's size leaves it in a short rest.
/// </remarks>
internal static class VectorFunctions
{
    /// <summary>The widest vector in floats: a span of this length takes one path whatever its type.</summary>
    private const int Shortest = 16;

    private interface IFunction<T> where T : unmanaged
    {
        static abstract void Run(ReadOnlySpan<T> x, Span<T> y);
    }

    public static void Exp<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run<T, ExpFunction<T>>(x, y);

    public static void Log<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run<T, LogFunction<T>>(x, y);

    public static void Sigmoid<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run<T, SigmoidFunction<T>>(x, y);

    private static void Run<T, TFunction>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TFunction : IFunction<T>
    {
        if (x.Length >= Shortest)
        {
            TFunction.Run(x, y);
            return;
        }
        Span<T> padded = stackalloc T[Shortest];
        padded.Fill(T.One);
        x.CopyTo(padded);
        TFunction.Run(padded, padded);
        padded[..x.Length].CopyTo(y);
    }

    private readonly struct ExpFunction<T> : IFunction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public static void Run(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Exp(x, y);
    }

    private readonly struct LogFunction<T> : IFunction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public static void Run(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Log(x, y);
    }

    private readonly struct SigmoidFunction<T> : IFunction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public static void Run(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Sigmoid(x, y);
    }
}
