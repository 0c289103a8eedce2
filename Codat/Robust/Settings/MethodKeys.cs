namespace Codat.Native.Robust;

/// <summary>The names of methods' own numbers, where sheets and methods meet.</summary>
internal static class MethodKeys
{
    internal const string Rate = "rate", Counts = "counts", Tau = "tau", Limit = "limit", Halve = "halve",
        MarginRate = "margin-rate",
        Gamma = "gamma", WarmUp = "warm-up", Lambda = "lambda", Begin = "begin",
        Margin = "lambda1", Balance = "lambda2", Ccm = "ccm", Ccr = "ccr",
        Share = "share", Delta = "delta", Cap = "cap", Slack = "slack", Wait = "wait";
}
