using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What goes along with the robust error of classes, on tables computed by hand.</summary>
internal sealed class ClassErrorsTests
{
    // Rows of 10 images; lost: 4, 5, 2.
    private static readonly long[][] s_flow = [[6, 3, 1], [5, 5, 0], [1, 1, 8]];

    [Test]
    public void Confusion_HandComputed_IsThat()
    {
        Assert.That(ClassConfusion.Of(s_flow, 0), Is.EqualTo(new ClassConfusion(4, 0.75, 1, 8 / 20.0)));
        Assert.That(ClassConfusion.Of(s_flow, 1), Is.EqualTo(new ClassConfusion(5, 1, 0, 8 / 20.0)));
        Assert.That(ClassConfusion.Of(s_flow, 2), Is.EqualTo(new ClassConfusion(2, 0.5, 0, 2 / 20.0)));
        Assert.That(ClosestPair.Of(s_flow), Is.EqualTo(new ClosestPair(0, 1, 8 / 20.0)));
    }

    [Test]
    public void Confusion_NothingLost_HasNoShareAndNoNearest()
    {
        long[][] kept = [[3, 0], [0, 4]];

        Assert.That(ClassConfusion.Of(kept, 0), Is.EqualTo(new ClassConfusion(0, double.NaN, -1, 0)));
        Assert.That(ClosestPair.Of(kept), Is.Null);
    }

    [Test]
    public void Errors_HandComputed_AreThatForEachSeedAndTheirMean()
    {
        // Robust errors 4 5 2 tenths; clean errors 1 4 0: ranks agree; boundary errors 3 1 2: ranks 2 0 1 against 1 2 0.
        (AttackView, AttackView) first = (Row([6, 5, 8], s_flow), Row([9, 6, 10], null));
        // Robust errors 4 5 2, clean errors 4 3 2 (ranks 2 1 0 against 1 2 0), boundary errors 0 2 0 (tied).
        (AttackView, AttackView) second = (Row([6, 5, 8], s_flow), Row([6, 7, 8], null));

        var errors = ComparedErrors.Of([first, second])!;

        Assert.That(errors.Clean.Seeds, Is.EqualTo(new[] { 1, 0.5 }).Within(1e-14));
        Assert.That(errors.Clean.Mean, Is.EqualTo(0.75).Within(1e-14));
        Assert.That(errors.Boundary.Seeds, Is.EqualTo(new[] { -0.5, Math.Sqrt(3) / 2 }).Within(1e-14));
        // Shares 0.75, 1, 0.5 and similarities 0.4, 0.4, 0.1 against 4 5 2.
        Assert.That(errors.Confusion!.Seeds, Is.EqualTo(new[] { 1.0, 1.0 }).Within(1e-14));
        Assert.That(errors.Similarity!.Seeds, Is.EqualTo(new[] { Math.Sqrt(3) / 2, Math.Sqrt(3) / 2 }).Within(1e-14));
        Assert.That(errors.Closest, Is.EqualTo(new ClosestPair(0, 1, 0.4)));
        var row = errors.PerClass[1];
        Assert.That(row with { Boundary = Math.Round(row.Boundary, 12), Clean = Math.Round(row.Clean, 12) },
            Is.EqualTo(new ClassErrors(1, "c1", 0.5, 0.35, 0.15, 1, 0.4, 0)));
    }

    [Test]
    public void Errors_ASeedWithoutFlow_LeavesOnlyWhatNeedsNone()
    {
        var errors = ComparedErrors.Of([(Row([6, 5, 8], s_flow), Row([9, 6, 10], null)), (Row([6, 5, 8], null), Row([9, 6, 10], null))])!;

        Assert.That((errors.Confusion, errors.Similarity, errors.Closest), Is.EqualTo(((ErrorCorrelation?)null, (ErrorCorrelation?)null, (ClosestPair?)null)));
        Assert.That(errors.Clean.Mean, Is.EqualTo(1).Within(1e-14));
        Assert.That(errors.PerClass[0].Similarity, Is.NaN);
        Assert.That(ErrorsJson.Of(errors).ToJsonString(), Does.Contain("\"similarity\":null").And.Contain("\"nearest\":null"));
    }

    [Test]
    public void Errors_WithoutSeedsOrClasses_AreNone()
    {
        Assert.That(ComparedErrors.Of([]), Is.Null);
        Assert.That(ComparedErrors.Of([(Row([5], null), Row([6], null))]), Is.Null);
    }

    [TestCase(new[] { 0.25, 0.25, 0.25, 0.25 }, new[] { 0.25, 0.25, 0.25, 0.25 }, 0)]
    [TestCase(new[] { 0.0, 0.0, 1.0, 0.0 }, new[] { 0.25, 0.25, 0.25, 0.25 }, 1)]
    [TestCase(new[] { 0.5, 0.5 }, new[] { 0.8, 0.2 }, (0.09 / 0.8 + 0.09 / 0.2) / 4)]
    [TestCase(new[] { 0.0, 1.0 }, new[] { 0.8, 0.2 }, 1)]
    [TestCase(new[] { 1.0, 0.0 }, new[] { 0.8, 0.2 }, 0.25 / 4)]
    [TestCase(new[] { 0.5, 0.5 }, new double[0], double.NaN)]
    public void PointMass_HandComputed_IsThat(double[] weights, double[] prior, double expected) =>
        Assert.That(ComparedWeights.Distance(weights, prior), Is.EqualTo(expected).Within(1e-14));

    private static AttackView Row(int[] correct, long[][]? flow) => new()
    {
        Name = flow is null ? "clean" : "pgd", Flow = flow,
        PerClass = [.. correct.Select((c, k) => new ClassResultView(k, "c" + k, 10, c, c / 10.0, double.NaN, double.NaN, double.NaN))],
    };
}
