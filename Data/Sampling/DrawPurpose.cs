namespace Codat.Native.Data;

/// <summary>
/// What a random draw is for: the top byte of the third counter word (counter = sample id or position, epoch,
/// purpose shifted by 24, element / 4), so that no two uses share draws. Data uses 0x80 and above; what is drawn on the
/// device uses the numbers below.
/// </summary>
internal enum DrawPurpose : byte
{
    EpochOrder = 0x80,
    Augment = 0x81,
    ValidationSplit = 0x82,
    Imbalance = 0x83,
    TrainLimit = 0x84,
    ValidationLimit = 0x85,
    Synthetic = 0x86,
    Corruption = 0x87,
    ClassSampling = 0x88,
}
