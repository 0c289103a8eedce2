namespace Codat.Native.Robust;

/// <summary>The sheets of all methods.</summary>
internal static class ObjectiveSheets
{
    private const string Code = "authors' code";

    internal static readonly ObjectiveSheet[] All =
    [
        new(ObjectiveKind.Codat, "CODAT: Zhi et al. 2025, arXiv 2501.04527",
            "cross-entropy on attacked images, classes weighed by the worst distribution in a chi-square ball",
            LossKind.Ce, ClassWeightKind.Codat),
        new(ObjectiveKind.At, "adversarial training: Madry et al. 2018, arXiv 1706.06083",
            "mean cross-entropy on attacked images", LossKind.Ce, ClassWeightKind.None),
        new(ObjectiveKind.Trades, "TRADES: Zhang et al. 2019, arXiv 1901.08573",
            "clean cross-entropy plus beta KL(clean || attacked); the attack climbs the KL term", LossKind.Trades,
            ClassWeightKind.None),
        new(ObjectiveKind.Erm, "empirical risk minimisation", "mean cross-entropy on clean images", LossKind.Clean,
            ClassWeightKind.None),
        new(ObjectiveKind.CodatTrades, "CODAT's class weights over the TRADES loss (not in the paper)",
            "the class risk is clean cross-entropy plus beta KL", LossKind.Trades, ClassWeightKind.Codat),
        new(ObjectiveKind.KlDro, "CODAT with the ball KL(p || prior) <= eta",
            "weights prior exp(s risk), s so that the ball is reached", LossKind.Ce, ClassWeightKind.Kl),
        new(ObjectiveKind.ReverseKlDro, "CODAT with the ball KL(prior || p) <= eta",
            "weights prior / (mu - risk), mu so that the ball is reached", LossKind.Ce, ClassWeightKind.ReverseKl),
        new(ObjectiveKind.Cvar, "conditional value at risk over classes: Rockafellar and Uryasev 2000",
            "weights at most prior / eta: the mean risk of the worst share eta of the classes", LossKind.Ce,
            ClassWeightKind.Cvar),
        new(ObjectiveKind.GroupDro, "Group DRO: Sagawa et al. 2020, arXiv 1911.08731",
            "class weights multiplied by exp(rate risk) each step and renormalised", LossKind.Ce,
            ClassWeightKind.GroupDro)
        {
            Numbers = [new(MethodKeys.Rate, 0.01, 0, 1e3, "step of the exponential weights", Code)],
        },
        new(ObjectiveKind.Faal, "FAAL: Zhang et al. 2024, arXiv 2402.17729",
            "classes weighed by the worst distribution over class margins with KL(prior || w) <= eta, in each batch",
            LossKind.Ce, ClassWeightKind.Faal)
        {
            Eta = 0.5,
            Numbers =
            [
                new(MethodKeys.Counts, 0, 0, 1, "1: margins times samples of the class, as in the authors' code",
                    "paper"),
            ],
            Published = "fine-tunes a robust checkpoint (--init) for 2 epochs, lr 0.01 then 0.001",
        },
        new(ObjectiveKind.Mart, "MART: Wang et al., ICLR 2020",
            "boosted cross-entropy on attacked images plus beta KL(clean || attacked) (1 - p_y(clean))", LossKind.Mart,
            ClassWeightKind.None)
        {
            Beta = 5, Published = "lr 0.01, weight decay 3.5e-3",
        },
        new(ObjectiveKind.Wat, "WAT: Li and Liu 2023, arXiv 2302.04025",
            "after each epoch classes, and their mean, weighed by exp(rate sum of their losses on validation images)",
            LossKind.Trades, ClassWeightKind.Wat)
        {
            Numbers = [new(MethodKeys.Rate, 0.1, 0, 1e3, "step of the exponential weights", Code)],
            Published = "100 epochs, lr 0.1 divided by ten at 75 and 90, weight decay 2e-4",
        },
        new(ObjectiveKind.Frl, "FRL: Xu et al. 2021, arXiv 2010.06121",
            "TRADES' terms weighed by classes; after each epoch the weight of a class grows while its clean or its "
            + "boundary error on the validation images is more than tau above the mean", LossKind.Trades,
            ClassWeightKind.Frl)
        {
            Beta = 1.5,
            Numbers =
            [
                new(MethodKeys.Rate, 0.05, 0, 1e3, "step of the multipliers, twice that for the boundary", Code),
                new(MethodKeys.Tau, 0.1, 0, 1, "how far above the mean an error may be", Code),
                new(MethodKeys.Limit, 0.5, 0, 0.99, "largest sum of the multipliers of a term", Code),
                new(MethodKeys.Halve, 40, 1, 1e6, "epochs after which the step halves", Code),
                new(MethodKeys.MarginRate, 0, 0, 1e3, "re-margin: step of the radii of classes; 0 leaves them", Code),
            ],
            Published = "fine-tunes a robust checkpoint (--init) for 40 epochs, lr 0.001, --val-attack pgd-20; "
                + "re-margin with margin-rate 0.2, tau 0.07",
        },
        new(ObjectiveKind.Dafa, "DAFA: Lee et al., ICLR 2024, arXiv 2401.12532",
            "after a warm-up a weight for each class from how much classes are taken for one another; it multiplies "
            + "radius and step of the attack and the clean term", LossKind.Trades, ClassWeightKind.Dafa)
        {
            Numbers =
            [
                new(MethodKeys.Lambda, 1, 0, 1e3, "scale of the weights' distance from 1", "paper; 1.5 on CIFAR-100"),
                new(MethodKeys.WarmUp, 0.64, 0, 1, "share of the epochs before", "paper: 70 of 110 epochs"),
            ],
            Published = "110 epochs, lr 0.1 divided by 10 for the last 10 and last 5, Nesterov",
        },
        new(ObjectiveKind.Cfa, "CFA: Wei et al., CVPR 2023, arXiv 2303.14460",
            "radius and balance of TRADES by class, from its robust training accuracy of the epoch before",
            LossKind.Trades, ClassWeightKind.Cfa)
        {
            Numbers =
            [
                new(MethodKeys.Margin, 0.5, 0, 1e3, "radius of a class over eps, less its accuracy", "paper"),
                new(MethodKeys.Balance, 0.5, 0, 1e3, "beta of a class over beta, less its accuracy", "paper"),
                new(MethodKeys.Begin, 0.05, 0, 1, "share of the epochs before", "authors' code: 10 of 200 epochs"),
                new(MethodKeys.Ccm, 1, 0, 1, "0: every class keeps the radius eps", "paper"),
                new(MethodKeys.Ccr, 1, 0, 1, "0: every class keeps the balance beta", "paper"),
            ],
            Published = "with its third part, --average-gate 0.24, decay 0.88 per epoch",
        },
        new(ObjectiveKind.Cfol, "CFOL: Pethick et al., TMLR 2023, arXiv 2302.08872",
            "the class of each image is drawn by a bandit that grows the chance of classes whose attacked images are "
            + "wrong; mean cross-entropy on attacked images", LossKind.Ce, ClassWeightKind.Cfol)
        {
            Numbers =
            [
                new(MethodKeys.Gamma, 0.5, 0, 1, "share of images that is drawn by the prior", "paper"),
                new(MethodKeys.Rate, 5e-6, 0, 1e3, "step of the exponential weights", "authors' commands"),
            ],
            Published = "200 epochs, lr 0.1 divided by 10 at 50% and 75%, pgd-7, --val 20%",
        },
        new(ObjectiveKind.Bat, "BAT: Sun et al., AAAI 2023, arXiv 2209.07534",
            "along a TRADES attack x_c, the last right image, and x_a, a step after the first wrong one: cross-entropy "
            + "at x_c plus beta KL(clean || x_a) plus the distances of both from uniform", LossKind.Bat,
            ClassWeightKind.None)
        {
            Published = "lr 0.1 divided by 10 at epochs 75, 90 and 100, weight decay 2e-4",
        },
    ];

    internal static ObjectiveSheet Of(ObjectiveKind objective)
    {
        foreach (ObjectiveSheet sheet in All)
        {
            if (sheet.Objective == objective) return sheet;
        }
        throw new ArgumentOutOfRangeException(nameof(objective), objective, null);
    }
}
