namespace Codat.Native.Robust;

/// <summary>
/// An attack as typed: <c>clean</c>, <c>fgsm</c>, <c>pgd-K[xR][@STEP]</c>, <c>cw-K[xR][@STEP]</c>, or one of the
/// AutoAttack family, whose settings are the standard ones.
/// </summary>
public sealed record AttackExpression
{
    // Steps and restarts have twelve bits each in the counters of the random numbers.
    private const int MaxCount = 4095;
    private const string Expected = "clean, fgsm, pgd-K[xR][@STEP], cw-K[xR][@STEP], apgd-ce, apgd-dlr, apgd-t, "
        + "fab-t, square, aa-light or autoattack";

    // Croce and Hein 2020, the standard version.
    private const int Iterations = 100, Queries = 5000;

    private static readonly Dictionary<string, AttackKind> s_family = new()
    {
        ["apgd-ce"] = AttackKind.ApgdCe, ["apgd-dlr"] = AttackKind.ApgdDlr, ["apgd-t"] = AttackKind.ApgdT,
        ["fab-t"] = AttackKind.FabT, ["square"] = AttackKind.Square, ["aa-light"] = AttackKind.AaLight,
        ["autoattack"] = AttackKind.AutoAttack,
    };

    private AttackExpression(string name, AttackKind kind, int steps = 0, int? restarts = null, Magnitude? step = null)
    {
        Name = name;
        Kind = kind;
        Steps = steps;
        Restarts = restarts;
        Step = step;
    }

    /// <summary>The images as they are.</summary>
    public static AttackExpression Clean { get; } = new("clean", AttackKind.Clean);

    /// <summary>The attack as it was typed.</summary>
    public string Name { get; }

    /// <summary>Which attack it is.</summary>
    public AttackKind Kind { get; }

    /// <summary>The number of steps: 0 for <c>clean</c> and compositions, 1 for <c>fgsm</c>.</summary>
    public int Steps { get; }

    /// <summary>The restarts given as a suffix, or null.</summary>
    public int? Restarts { get; }

    /// <summary>The step given as a suffix, or null.</summary>
    public Magnitude? Step { get; }

    /// <summary>Reads one attack.</summary>
    /// <exception cref="Interop.CodatException">The text is no attack.</exception>
    public static AttackExpression Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "clean") return Clean;
        if (text == "fgsm") return new AttackExpression(text, AttackKind.Fgsm, 1);
        if (s_family.TryGetValue(text, out var family)) return new AttackExpression(text, family, StepsOf(family));
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        AttackKind kind = (dash < 0 ? text : text[..dash]) switch
        {
            "pgd" => AttackKind.Pgd,
            "cw" => AttackKind.Cw,
            _ => throw SettingText.Bad(text, where, Expected),
        };
        if (dash < 0) throw SettingText.Bad(text, where, Expected, $"write {text}-20");
        return ParseIterated(text, kind, text[(dash + 1)..], where);
    }

    /// <summary>The attack in full: what the suffixes leave open comes from the arguments.</summary>
    /// <param name="norm">The norm of the ball.</param>
    /// <param name="eps">Its radius.</param>
    /// <param name="step">The step unless a suffix gives one.</param>
    /// <param name="restarts">The restarts unless a suffix gives them.</param>
    /// <exception cref="Interop.CodatException">The suffix's step is no step of that norm.</exception>
    public ResolvedAttack Resolve(Norm norm, Magnitude eps, Magnitude step, int restarts = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 1);
        Step?.Check(Name, norm);
        return Kind switch
        {
            AttackKind.Clean => new ResolvedAttack(Name, Kind, norm, eps, step, 0, 1, AttackStart.Zero),
            AttackKind.Fgsm => new ResolvedAttack(Name, Kind, norm, eps, eps, 1, 1, AttackStart.Zero),
            > AttackKind.Cw => new ResolvedAttack(Name, Kind, norm, eps, step, Steps, 1, AttackStart.Uniform),
            _ => new ResolvedAttack(Name, Kind, norm, eps, Step ?? step, Steps, Restarts ?? restarts,
                AttackStart.Uniform),
        };
    }

    /// <summary>The attack as it was typed.</summary>
    public override string ToString() => Name;

    private static int StepsOf(AttackKind family) => family switch
    {
        AttackKind.AaLight or AttackKind.AutoAttack => 0,
        AttackKind.Square => Queries,
        _ => Iterations,
    };

    private static AttackExpression ParseIterated(string text, AttackKind kind, string rest, string where)
    {
        Magnitude? step = null;
        int at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            step = Magnitude.Parse(rest[(at + 1)..], $"{where}: {text}");
            if (step.Value.Value <= 0) throw SettingText.Bad(text, where, "a step above 0");
            rest = rest[..at];
        }
        int? restarts = null;
        int cross = rest.IndexOf('x', StringComparison.Ordinal);
        if (cross >= 0)
        {
            restarts = Count(text, rest[(cross + 1)..], where);
            rest = rest[..cross];
        }
        return new AttackExpression(text, kind, Count(text, rest, where), restarts, step);
    }

    private static int Count(string text, string digits, string where)
        => digits.Length > 0 && char.IsAsciiDigit(digits[0]) && SettingText.TryInteger(digits, out int count)
            && count is >= 1 and <= MaxCount
            ? count
            : throw SettingText.Bad(text, where, $"{Expected} with counts from 1 to {SettingText.Print(MaxCount)}");
}
