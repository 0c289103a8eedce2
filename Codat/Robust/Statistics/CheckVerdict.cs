namespace Codat.Native.Robust;

/// <summary>What a check of an evaluation found.</summary>
public enum CheckVerdict
{
    /// <summary>Nothing speaks against the evaluation.</summary>
    Pass,

    /// <summary>Attacks may have missed something.</summary>
    Warn,

    /// <summary>The accuracy under attack is not to be believed as it stands.</summary>
    Fail,
}
