namespace Codat.Native.Robust;

/// <summary>
/// How far the images an attack ended with are from the clean ones, as they are and rounded to 8 bits.
/// </summary>
/// <param name="Most">The largest distance; not-a-number where no image was changed.</param>
/// <param name="MostRounded">The largest distance after rounding.</param>
/// <param name="Outside">Images farther than the radius, but for what single precision rounds off.</param>
/// <param name="OutsideRounded">Images farther than the radius after rounding: a radius of no whole number of 255ths
/// lets some.</param>
/// <param name="Broken">Images the attack broke.</param>
/// <param name="BrokenRounded">Those of them that are misclassified after rounding too.</param>
public sealed record ChangeAudit(
    double Most, double MostRounded, long Outside, long OutsideRounded, long Broken, long BrokenRounded);
