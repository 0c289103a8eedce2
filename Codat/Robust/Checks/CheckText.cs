using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Figures in the sentences of checks.</summary>
internal static class CheckText
{
    /// <summary>A share in percent with two significant digits.</summary>
    public static string Percent(double share) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * share:G2} %");

    /// <summary>A number with four significant digits.</summary>
    public static string Number(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:G4}");
}
