using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>One algorithm of Winograd's family for 3x3 kernels: its tiles and its three transforms.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal unsafe interface IWinograd<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>Multiplications per tile and pair of channels.</summary>
    static abstract int Positions { get; }

    /// <summary>Side of the input window of a tile.</summary>
    static abstract int Window { get; }

    /// <summary>Input pixels from one tile to the next.</summary>
    static abstract int Step { get; }

    /// <summary>Side of the output square of a tile.</summary>
    static abstract int Outputs { get; }

    /// <summary>
    /// Transforms whole vectors of the window's pixels; position p goes to <paramref name="to"/> + p * position.
    /// </summary>
    static abstract void TransformInput(T** pixels, int vectors, T* to, nint position);

    /// <summary>Transforms the sums of all positions and puts the outputs.</summary>
    static abstract void TransformOutput(T* sums, nint position, in WinogradTile<T, V, S> tile);

    /// <summary>Transforms a line of three weights into one value per position of a line.</summary>
    static abstract void TransformWeights(V g0, V g1, V g2, V* to, int step);
}

/// <summary>Where the outputs of a tile go, for one vector of channels.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal unsafe struct WinogradTile<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>What is done to an output before it is stored.</summary>
    public ConvEpilogue<T> Epilogue;

    /// <summary>The tensor of outputs.</summary>
    public T* Output;

    /// <summary>Index of output (0, 0), and elements from row to row and from pixel to pixel.</summary>
    public nint Index, Row, Pixel;

    /// <summary>First channel.</summary>
    public nint Channel;

    /// <summary>Channels of the vector that exist.</summary>
    public int Lanes;

    /// <summary>Outputs inside the image.</summary>
    public int Rows, Columns;

    /// <summary>Stores output (i, j) if it lies inside the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Put(int i, int j, V v)
    {
        if (i >= Rows || j >= Columns)
        {
            return;
        }

        nint index = Index + (i * Row) + (j * Pixel);
        if (Lanes >= S.Width)
        {
            EpilogueWriter<T, V, S>.Store(Epilogue, Output, index, Channel, v);
        }
        else
        {
            EpilogueWriter<T, V, S>.StorePartial(Epilogue, Output, index, Channel, v, Lanes);
        }
    }
}
