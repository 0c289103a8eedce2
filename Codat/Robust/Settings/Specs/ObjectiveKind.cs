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

    /// <summary>TRADES with worst-case class weights.</summary>
    CodatTrades,

    /// <summary>Worst-case class weights over KL(p || prior).</summary>
    KlDro,

    /// <summary>Worst-case class weights over KL(prior || p).</summary>
    ReverseKlDro,

    /// <summary>The mean over the worst share of the classes.</summary>
    Cvar,

    /// <summary>Group DRO with classes as groups.</summary>
    GroupDro,

    /// <summary>FAAL.</summary>
    Faal,

    /// <summary>MART.</summary>
    Mart,

    /// <summary>WAT.</summary>
    Wat,

    /// <summary>FRL, re-weight.</summary>
    Frl,

    /// <summary>DAFA.</summary>
    Dafa,

    /// <summary>CFA.</summary>
    Cfa,

    /// <summary>BAT.</summary>
    Bat,

    /// <summary>CFOL.</summary>
    Cfol,
}
