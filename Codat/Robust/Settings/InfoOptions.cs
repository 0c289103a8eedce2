namespace Codat.Native.Robust;

/// <summary>Options of <c>codat info</c>.</summary>
public sealed record InfoOptions : CommonOptions;
