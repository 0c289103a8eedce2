using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Tests;

/// <summary>Convolution shapes that between them reach every kernel and every edge of it.</summary>
internal static class ConvCases
{
    public static IEnumerable<ConvShape> Fixed()
    {
        // H, W, C, R, S, K, strides, paddings.
        yield return new(4, 4, 32, 3, 3, 32, 1, 1, 1, 1);
        yield return new(7, 7, 32, 3, 3, 64, 1, 1, 1, 1);
        yield return new(9, 5, 17, 3, 3, 35, 1, 1, 1, 1);
        yield return new(6, 11, 64, 3, 3, 16, 1, 1, 1, 1);
        yield return new(5, 6, 9, 3, 3, 8, 1, 1, 0, 2);
        yield return new(2, 2, 8, 3, 3, 8, 1, 1, 1, 1);
        yield return new(1, 1, 8, 3, 3, 9, 1, 1, 1, 1);
        yield return new(8, 8, 16, 3, 3, 32, 2, 2, 1, 1);
        yield return new(7, 9, 5, 3, 3, 33, 2, 2, 1, 1);
        yield return new(7, 9, 17, 3, 3, 33, 2, 2, 1, 1);
        yield return new(5, 4, 40, 3, 3, 9, 2, 2, 1, 1);
        yield return new(10, 13, 8, 3, 3, 64, 2, 2, 1, 1);
        yield return new(8, 8, 16, 1, 1, 32, 2, 2, 0, 0);
        yield return new(7, 7, 20, 1, 1, 10, 2, 2, 0, 0);
        yield return new(5, 5, 16, 1, 1, 48, 1, 1, 0, 0);
        yield return new(9, 9, 6, 5, 5, 7, 1, 1, 2, 2);
        yield return new(11, 10, 6, 5, 3, 7, 3, 2, 2, 1);
        yield return new(6, 6, 4, 2, 4, 70, 1, 1, 1, 3);
        yield return new(8, 12, 3, 3, 3, 64, 1, 1, 1, 1);
        yield return new(28, 28, 1, 3, 3, 32, 1, 1, 1, 1);
        yield return new(9, 9, 1, 3, 3, 16, 1, 1, 1, 1);
        yield return new(9, 6, 2, 3, 3, 20, 1, 1, 1, 1);
        yield return new(10, 10, 3, 7, 7, 50, 2, 2, 3, 3);
        yield return new(7, 8, 4, 5, 5, 33, 1, 1, 0, 2);
        yield return new(5, 17, 3, 1, 1, 12, 1, 1, 0, 0);
        yield return new(3, 3, 12, 3, 3, 1, 1, 1, 0, 0);
        yield return new(6, 5, 130, 3, 3, 140, 2, 1, 1, 1);
    }

    public static IEnumerable<ConvShape> Random(int seed, int count)
    {
        Random random = new(seed);
        int[] channels = [1, 2, 3, 4, 5, 7, 8, 10, 13, 16, 17, 24, 31, 32, 33, 40, 48, 49, 64, 65];
        for (int made = 0; made < count;)
        {
            bool winograd = random.Next(3) == 0;
            int stride = 1 + random.Next(2);
            int r = winograd ? 3 : random.Next(1, 6), s = winograd ? 3 : random.Next(1, 6);
            ConvShape shape = new(
                random.Next(1, 14), random.Next(1, 14), channels[random.Next(channels.Length)], r, s,
                channels[random.Next(channels.Length)],
                winograd ? stride : random.Next(1, 4), winograd ? stride : random.Next(1, 4),
                winograd ? 1 : random.Next(0, 4), winograd ? 1 : random.Next(0, 4));
            if (shape.Height + (2 * shape.PadH) >= r && shape.Width + (2 * shape.PadW) >= s)
            {
                made++;
                yield return shape;
            }
        }
    }
}
