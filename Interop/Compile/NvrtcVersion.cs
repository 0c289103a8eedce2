using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>A version of the run-time compiler.</summary>
internal readonly record struct NvrtcVersion(int Major, int Minor)
{
    /// <summary>Versions whose cubins are taken where no compiler is there to ask, newest first.</summary>
    internal static IReadOnlyList<NvrtcVersion> Known { get; } =
    [
        .. Enumerable.Range(0, 4).Select(minor => new NvrtcVersion(13, 3 - minor)),
        .. Enumerable.Range(0, 10).Select(minor => new NvrtcVersion(12, 9 - minor)),
        new(11, 8),
    ];

    /// <summary>Whether <c>--minimal</c> is understood, which shortens every compilation.</summary>
    internal bool HasMinimal => Major > 12 || Major == 12 && Minor >= 4;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
