using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>Tensors of either precision as floats on the host.</summary>
internal static class HostFloats
{
    public static void Read(Tensor from, float[] to)
    {
        if (from.Type == DType.Float32) from.CopyTo<float>(to);
        else Array.ConvertAll(from.ToArray<double>(), v => (float)v).CopyTo(to, 0);
    }

    public static void Write(Tensor to, float[] from)
    {
        if (to.Type == DType.Float32) to.CopyFrom<float>(from);
        else to.CopyFrom<double>(Array.ConvertAll(from, v => (double)v));
    }
}
