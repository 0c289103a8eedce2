using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class AttackExpressionTests
{
    private static readonly Magnitude s_eps = Magnitude.Parse("8/255", "--eps");
    private static readonly Magnitude s_step = Magnitude.Parse("2/255", "--step");

    [TestCase("clean", AttackKind.Clean, 0, null, null)]
    [TestCase("fgsm", AttackKind.Fgsm, 1, null, null)]
    [TestCase("pgd-20", AttackKind.Pgd, 20, null, null)]
    [TestCase("pgd-20x5", AttackKind.Pgd, 20, 5, null)]
    [TestCase("pgd-20@2/255", AttackKind.Pgd, 20, null, "2/255")]
    [TestCase("pgd-20x5@0.01", AttackKind.Pgd, 20, 5, "0.01")]
    [TestCase("cw-30", AttackKind.Cw, 30, null, null)]
    [TestCase("cw-30x2@1/255", AttackKind.Cw, 30, 2, "1/255")]
    public void Parse_GoodText_ReadsEveryPart(string text, AttackKind kind, int steps, int? restarts, string? step)
    {
        AttackExpression attack = AttackExpression.Parse(text, "--attack");

        Assert.Multiple(() =>
        {
            Assert.That(attack.Name, Is.EqualTo(text));
            Assert.That(attack.Kind, Is.EqualTo(kind));
            Assert.That(attack.Steps, Is.EqualTo(steps));
            Assert.That(attack.Restarts, Is.EqualTo(restarts));
            Assert.That(attack.Step?.Text, Is.EqualTo(step));
        });
    }

    [TestCase("")]
    [TestCase("pgd")]
    [TestCase("pgd-")]
    [TestCase("pgd-0")]
    [TestCase("pgd--5")]
    [TestCase("pgd-+5")]
    [TestCase("pgd-5x")]
    [TestCase("pgd-5x0")]
    [TestCase("pgd-5@")]
    [TestCase("pgd-5@0")]
    [TestCase("pgd-5@2/256")]
    [TestCase("pgd-4096")]
    [TestCase("pgd-5y2")]
    [TestCase("PGD-20")]
    [TestCase("fgsm-1")]
    [TestCase("clean,")]
    [TestCase("bim-10")]
    public void ParseList_BadText_Throws(string text)
    {
        CodatException error = Assert.Throws<CodatException>(() => AttackList.Parse(text, "--attack"))!;

        Assert.That(error.Where, Does.StartWith("--attack"));
    }

    [TestCase("apgd-ce", AttackKind.ApgdCe, 100)]
    [TestCase("apgd-dlr", AttackKind.ApgdDlr, 100)]
    [TestCase("apgd-t", AttackKind.ApgdT, 100)]
    [TestCase("fab-t", AttackKind.FabT, 100)]
    [TestCase("square", AttackKind.Square, 5000)]
    public void Resolve_StandardAttack_HasItsOwnSettings(string text, AttackKind kind, int steps)
    {
        var attack = AttackExpression.Parse(text, "--attack").Resolve(Norm.L2, Magnitude.Parse("0.5", "eps"), Magnitude.Parse("0.1", "step"), restarts: 3);

        Assert.That((attack.Kind, attack.Steps, attack.Restarts, attack.Norm, attack.HasStep), Is.EqualTo((kind, steps, 1, Norm.L2, false)));
        Assert.That(attack.Parts, Is.EqualTo(new[] { attack }));
    }

    [TestCase("aa-light", "apgd-ce,apgd-t")]
    [TestCase("autoattack", "apgd-ce,apgd-t,fab-t,square")]
    public void Resolve_Composition_HasTheStandardParts(string text, string parts)
    {
        var attack = AttackExpression.Parse(text, "--attack").Resolve(Norm.Linf, Magnitude.Parse("8/255", "eps"), Magnitude.Parse("2/255", "step"));

        Assert.That(string.Join(',', attack.Parts.Select(p => p.Name)), Is.EqualTo(parts));
        Assert.That(attack.Parts.Select(p => p.Eps), Has.All.EqualTo(attack.Eps));
    }

    [Test]
    public void ParseList_GivenTwice_Throws()
        => Assert.Throws<CodatException>(() => AttackList.Parse("clean,pgd-20,clean", "--attack"));

    [Test]
    public void ParseList_None_NeedsPermission()
    {
        Assert.That(AttackList.Parse("none", "--test", allowNone: true), Is.Empty);
        Assert.Throws<CodatException>(() => AttackList.Parse("none", "--attack"));
    }

    [Test]
    public void ParseList_SpacesAndOrder_PrintsAsTyped()
        => Assert.That(AttackList.Parse("pgd-20, clean,cw-30", "--attack").ToString(),
            Is.EqualTo("pgd-20,clean,cw-30"));

    [Test]
    public void Resolve_Suffix_WinsOverOptions()
    {
        AttackExpression typed = AttackExpression.Parse("pgd-20x5@1/255", "--attack");

        ResolvedAttack attack = typed.Resolve(Norm.Linf, s_eps, s_step, 3);

        Assert.Multiple(() =>
        {
            Assert.That(attack.Restarts, Is.EqualTo(5));
            Assert.That(attack.Step.Text, Is.EqualTo("1/255"));
            Assert.That(attack.Start, Is.EqualTo(AttackStart.Uniform));
        });
    }

    [Test]
    public void Resolve_WithoutSuffix_TakesOptions()
    {
        ResolvedAttack attack = AttackExpression.Parse("cw-100", "--attack").Resolve(Norm.Linf, s_eps, s_step, 3);

        Assert.Multiple(() =>
        {
            Assert.That(attack.Restarts, Is.EqualTo(3));
            Assert.That(attack.Step.Text, Is.EqualTo("2/255"));
            Assert.That(attack.Steps, Is.EqualTo(100));
        });
    }

    [Test]
    public void Resolve_Fgsm_IsOneStepOfEpsFromTheImage()
    {
        ResolvedAttack attack = AttackExpression.Parse("fgsm", "--attack").Resolve(Norm.Linf, s_eps, s_step, 3);

        Assert.Multiple(() =>
        {
            Assert.That(attack.Step, Is.EqualTo(s_eps));
            Assert.That(attack.Steps, Is.EqualTo(1));
            Assert.That(attack.Restarts, Is.EqualTo(1));
            Assert.That(attack.Start, Is.EqualTo(AttackStart.Zero));
        });
    }

    [Test]
    public void Resolve_BareStepForLinf_Throws()
        => Assert.Throws<CodatException>(
            () => AttackExpression.Parse("pgd-5@2", "--attack").Resolve(Norm.Linf, s_eps, s_step));
}
