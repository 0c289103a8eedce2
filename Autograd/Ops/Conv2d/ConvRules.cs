using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>Shape checks shared by the convolution ops.</summary>
internal static class ConvRules
{
    public static void CheckTypes(string op, TensorType image, TensorType other)
    {
        if (image.Shape.Rank != 4 || other.Shape.Rank != 4 || image.Type != other.Type || !image.Type.IsFloating())
            throw new ShapeException(
                $"{op} needs (N,H,W,C) and a second rank-4 value of one floating-point type, "
                + $"found {image} and {other}");
    }

    public static void CheckImage(string op, TensorType image, int height, int width, int channels)
    {
        var s = image.Shape;
        if (s.Rank != 4 || s[1] != height || s[2] != width || s[3] != channels)
            throw new ShapeException($"{op}: expected (N,{height},{width},{channels}), found {image}");
    }

    public static void CheckEpilogue(string op, Epilogue epilogue, ReadOnlySpan<TensorType> extra, TensorType output)
    {
        if (extra.Length != epilogue.Inputs)
            throw new ShapeException($"{op}: {epilogue.Inputs} epilogue inputs wanted, found {extra.Length}");
        for (var i = 0; i < extra.Length; i++)
        {
            var fits = i == 0 && epilogue.Bias
                ? extra[i].Shape == new Shape(output.Shape.Channels) && extra[i].Type == output.Type
                : extra[i] == output;
            if (!fits) throw new ShapeException($"{op}: epilogue input {i} is {extra[i]}, the output {output}");
        }
    }

    public static ConvShape Shape(string op, int height, int width, Shape weights, Conv2dOp conv)
    {
        var shape = new ConvShape(height, width, weights[3], weights[1], weights[2], weights[0],
            conv.StrideH, conv.StrideW, conv.PadH, conv.PadW);
        if (conv.StrideH < 1 || conv.StrideW < 1 || conv.PadH < 0 || conv.PadW < 0
            || height + 2 * conv.PadH < weights[1] || width + 2 * conv.PadW < weights[2])
            throw new ShapeException(
                $"{op}: a {weights[1]}x{weights[2]} kernel with stride {conv.StrideH}x{conv.StrideW} and padding " +
                $"{conv.PadH}x{conv.PadW} leaves nothing of {height}x{width}");
        return shape;
    }
}
