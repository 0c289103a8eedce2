namespace Codat.Native.Data;

/// <summary>Kinds of corruption. The order is part of the random draws: never renumber.</summary>
public enum CorruptionKind
{
    /// <summary>Independent normal noise on every value, deviation 0.04, 0.08, 0.12 of the full range.</summary>
    Noise = 0,

    /// <summary>A normal blur, deviation 0.6, 1, 1.6 pixels; the edge repeats.</summary>
    Blur = 1,

    /// <summary>Distances to the mean of the image shrink to 0.7, 0.45, 0.25 of themselves.</summary>
    Contrast = 2,

    /// <summary>A move by 1, 2, 4 pixels in one of eight drawn directions; the edge repeats.</summary>
    Shift = 3,

    /// <summary>A turn by 6, 12, 20 degrees to a drawn side, bilinear; the edge repeats.</summary>
    Rotation = 4,
}
