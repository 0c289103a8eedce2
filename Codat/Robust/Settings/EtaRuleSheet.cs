namespace Codat.Native.Robust;

/// <summary>What a rule for the radius is, and every number of its own.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Name">Its name after <c>auto:</c>.</param>
/// <param name="Meaning">What it does, in a line.</param>
/// <param name="Numbers">Its numbers, for <c>--set</c>.</param>
internal sealed record EtaRuleSheet(EtaRule Rule, string Name, string Meaning, MethodNumber[] Numbers)
{
    /// <summary>What <c>auto</c> alone stands for.</summary>
    public const EtaRule Default = EtaRule.Noise;

    private const string Auto = "auto", Prefix = "auto:", Own = "ours";

    private const double Share = 0.75;

    /// <summary>All rules, in the order they are listed.</summary>
    public static IReadOnlyList<EtaRuleSheet> All { get; } =
    [
        new(EtaRule.Effective, "effective", "at least a share of the classes stays effective in every step",
            [new(MethodKeys.Share, Share, 0.001, 1, "the least effective share of the classes", Own)]),
        new(EtaRule.Noise, "noise", "as large as the sampling noise of the class risks permits, after each epoch",
        [
            new(MethodKeys.Delta, 1.0 / 3, 0.001, 100, "how far weights over priors may stray by sampling", Own),
            new(MethodKeys.Cap, ChiSquareBall.RadiusOfShare(Share), 0, 1e3, "the largest radius", Own),
        ]),
        new(EtaRule.Validation, "validation", "a step up or down a ladder after each epoch, by the validation",
        [
            new(MethodKeys.Slack, 1, 0, 100, "standard errors an accuracy may fall by", Own),
            new(MethodKeys.Wait, 3, 0, 1e6, "epochs before a rung that was left downwards is tried again", Own),
            new(MethodKeys.Cap, 1, 0, 1e3, "the largest radius", Own),
        ]),
    ];

    /// <summary>The values of <c>--eta</c> that are not numbers.</summary>
    public static string Choices => $"{Auto} ({Of(Default).Text}), "
        + string.Join(", ", All.SkipLast(1).Select(sheet => sheet.Text)) + " or " + All[^1].Text;

    /// <summary>The value of <c>--eta</c>.</summary>
    public string Text => Prefix + Name;

    /// <summary>The sheet of a rule.</summary>
    public static EtaRuleSheet Of(EtaRule rule) => All.First(sheet => sheet.Rule == rule);

    /// <summary>Whether a value of <c>--eta</c> asks for a rule, known or not.</summary>
    public static bool IsMeant(string text) => text == Auto || text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The rule of a value of <c>--eta</c>, or null for one that is not known.</summary>
    public static EtaRule? Find(string text) =>
        text == Auto ? Default : All.FirstOrDefault(sheet => sheet.Text == text)?.Rule;
}
