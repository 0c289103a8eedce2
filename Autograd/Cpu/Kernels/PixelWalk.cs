namespace Codat.Native.Autograd.Cpu;

/// <summary>Walks the cells of a batch of grids in the order image, row, column.</summary>
internal struct PixelWalk
{
    private readonly int _height;
    private readonly int _width;

    /// <summary>Starts at a cell counted over the whole batch.</summary>
    public PixelWalk(long cell, int height, int width)
    {
        _height = height;
        _width = width;
        X = (int)(cell % width);
        long row = cell / width;
        Y = (int)(row % height);
        Image = (int)(row / height);
    }

    /// <summary>Image of the current cell.</summary>
    public int Image { get; private set; }

    /// <summary>Row of the current cell.</summary>
    public int Y { get; private set; }

    /// <summary>Column of the current cell.</summary>
    public int X { get; private set; }

    /// <summary>Steps to the next cell.</summary>
    public void Next()
    {
        if (++X == _width)
        {
            X = 0;
            if (++Y == _height)
            {
                Y = 0;
                Image++;
            }
        }
    }
}
