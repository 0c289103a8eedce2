namespace Codat.Native.Robust;

/// <summary>How the values of one image lie in memory.</summary>
public enum ImageLayout
{
    /// <summary>Rows of pixels, the channels of a pixel side by side: (N,H,W,C).</summary>
    Nhwc,

    /// <summary>One plane for each channel: (N,C,H,W).</summary>
    Nchw,
}
