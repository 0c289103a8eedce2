namespace Codat.Native.Robust;

/// <summary>A named pair of a loss and a class weighting.</summary>
public enum ObjectiveKind
{
    /// <summary>Cross-entropy with worst-case class weights.</summary>
    Codat,

    /// <summary>Adversarial training: cross-entropy, no class weights.</summary>
    At,

    /// <summary>TRADES, no class weights.</summary>
    Trades,

    /// <summary>Cross-entropy on clean images, no class weights.</summary>
    Erm,
}
