namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// Splits output channels into panels of two vectors; what is left goes into one panel of one or two vectors.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal static class Panels<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>Channels of a whole panel.</summary>
    public static int Full => 2 * S.Width;

    /// <summary>Number of panels for this many channels.</summary>
    public static int Count(int channels) => (channels + Full - 1) / Full;

    /// <summary>Vectors of a panel.</summary>
    public static int Vectors(int channels, int panel) => channels - (panel * Full) > S.Width ? 2 : 1;

    /// <summary>Channels of a panel that exist.</summary>
    public static int Channels(int channels, int panel) => Math.Min(Full, channels - (panel * Full));

    /// <summary>Channels of all panels, padded to whole vectors.</summary>
    public static int Padded(int channels) => (channels + S.Width - 1) / S.Width * S.Width;
}
