namespace Codat.Native.Robust;

/// <summary>Turns what an attack added to an image into a picture of its own, amplified to be seen.</summary>
internal static class PerturbationImage
{
    private static readonly double[] s_factors = 
        [1, 2, 3, 4, 5, 8, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500];

    // Single-channel changes are coloured: darker pixels blue, brighter ones orange, on a dark ground.
    private static readonly (double R, double G, double B) s_ground = (26, 29, 35);
    private static readonly (double R, double G, double B) s_up = (255, 159, 77);
    private static readonly (double R, double G, double B) s_down = (92, 179, 255);

    /// <summary>The largest round factor that keeps a change of <paramref name="largest"/> within a half.</summary>
    public static double Factor(double largest)
    {
        var factor = s_factors[0];
        foreach (var candidate in s_factors)
            if (candidate * largest <= 0.5 + 1e-6)
                factor = candidate;
        return factor;
    }

    /// <summary>The largest change of one value.</summary>
    public static double Largest(ExampleView example)
    {
        var largest = 0.0;
        for (var i = 0; i < example.Clean.Length; i++) largest = Math.Max(largest, Math.Abs(Change(example, i)));
        return largest;
    }

    /// <summary>The Euclidean length of the change over the whole image.</summary>
    public static double Length(ExampleView example)
    {
        var sum = 0.0;
        for (var i = 0; i < example.Clean.Length; i++) sum += Change(example, i) * Change(example, i);
        return Math.Sqrt(sum);
    }

    /// <summary>The attacked image, rounded to bytes.</summary>
    public static byte[] Attacked(ExampleView example)
    {
        var pixels = new byte[example.Attacked.Length];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = ToByte(255.0 * example.Attacked[i]);
        return pixels;
    }

    /// <summary>The change times the factor in RGB: one channel coloured by sign, three around mid grey.</summary>
    public static byte[] Render(ExampleView example, int channels, double factor)
    {
        var count = example.Clean.Length / channels;
        var pixels = new byte[count * 3];
        for (var i = 0; i < count; i++)
        {
            for (var c = 0; c < 3 && channels == 3; c++)
                pixels[3 * i + c] = ToByte(127.5 + 255 * factor * Change(example, 3 * i + c));
            if (channels == 3) continue;
            var change = Math.Clamp(2 * factor * Change(example, i), -1, 1);
            var (r, g, b) = change >= 0 ? s_up : s_down;
            var strength = Math.Abs(change);
            pixels[3 * i] = ToByte(s_ground.R + strength * (r - s_ground.R));
            pixels[3 * i + 1] = ToByte(s_ground.G + strength * (g - s_ground.G));
            pixels[3 * i + 2] = ToByte(s_ground.B + strength * (b - s_ground.B));
        }
        return pixels;
    }

    private static double Change(ExampleView example, int i)
    {
        var change = example.Attacked[i] - example.Clean[i] / 255.0;
        return double.IsFinite(change) ? change : 0;
    }

    private static byte ToByte(double value) => 
        double.IsNaN(value) ? (byte)0 : (byte)Math.Clamp(Math.Round(value), 0, 255);
}
