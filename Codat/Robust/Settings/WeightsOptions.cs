namespace Codat.Native.Robust;

/// <summary>Options of <c>codat weights</c>, read and checked.</summary>
public sealed record WeightsOptions : CommonOptions
{
    /// <summary>The class risks.</summary>
    public required double[] Risks { get; init; }

    /// <summary>The prior over classes.</summary>
    public required double[] Prior { get; init; }

    /// <summary>The kind of ball.</summary>
    public BallKind Ball { get; init; }

    /// <summary>The radius of the ball; for cvar the share.</summary>
    public required double Eta { get; init; }
}
