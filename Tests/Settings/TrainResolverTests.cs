using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class TrainResolverTests
{
    private static TrainOptions Resolve(params (string Name, string Text)[] typed)
        => TrainResolver.Resolve(Layer(typed), SettingLayer.Empty);

    private static SettingLayer Layer(params (string Name, string Text)[] typed)
    {
        var layer = SettingLayer.Empty;
        foreach ((string name, string text) in typed) layer.Add(name, text);
        return layer;
    }

    private static SettingLayer Config(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        return SettingLayer.FromJson(document.RootElement, "config.json");
    }

    [Test]
    public void Resolve_NothingSaid_IsTheShippedQuickRun()
    {
        TrainOptions options = Resolve();

        Assert.Multiple(() =>
        {
            Assert.That(options.Dataset, Is.EqualTo("fashion-mnist-mini"));
            Assert.That(options.Model, Is.EqualTo("small-cnn"));
            Assert.That(options.Objective, Is.EqualTo(ObjectiveKind.Codat));
            Assert.That(options.Loss, Is.EqualTo(LossKind.Ce));
            Assert.That(options.ClassWeights, Is.EqualTo(ClassWeightKind.Codat));
            Assert.That((options.Epochs, options.Batch, options.Lr), Is.EqualTo((10, 64, 0.2)));
            Assert.That((options.Momentum, options.WeightDecay, options.Nesterov), Is.EqualTo((0.9, 5e-4, false)));
            Assert.That(options.Schedule, Is.EqualTo(ScheduleSpec.OneCycle));
            Assert.That(options.Augment, Is.EqualTo(AugmentKind.None));
            Assert.That(options.Threat, Is.EqualTo(ThreatModel.SmallGrey));
            Assert.That((options.Eps.Text, options.Step.Text), Is.EqualTo(("0.1", "0.02")));
            Assert.That(options.Eta, Is.EqualTo(0.3));
            Assert.That(options.Beta, Is.EqualTo(6));
            Assert.That(options.Weights, Is.EqualTo(WeightSolver.Exact));
            Assert.That(options.Determinism, Is.EqualTo(DeterminismKind.Reproducible));
            Assert.That(options.Val.ToString(), Is.EqualTo("10%"));
            Assert.That(options.ValAttack.Name, Is.EqualTo("pgd-10"));
            Assert.That(options.Test.ToString(), Is.EqualTo("pgd-20"));
            Assert.That(options.SaveEvery.Value, Is.EqualTo(TimeSpan.FromMinutes(10)));
        });
    }

    [TestCase("fashion-mnist", "small-cnn", 10, 64, 0.2, "onecycle", AugmentKind.None, "0.1", "0.02")]
    [TestCase("cifar10", "resnet18", 100, 128, 0.1, "piecewise:75%,90%", AugmentKind.Crop4Flip, "8/255", "2/255")]
    [TestCase("cifar100", "resnet18", 100, 128, 0.1, "piecewise:75%,90%", AugmentKind.Crop4Flip, "8/255", "2/255")]
    [TestCase("svhn", "resnet18", 100, 128, 0.01, "piecewise:75%,90%", AugmentKind.Crop4, "8/255", "2/255")]
    [TestCase("stl10", "resnet18", 100, 128, 0.1, "piecewise:75%,90%", AugmentKind.Crop4Flip, "8/255", "2/255")]
    [TestCase("folder", "resnet18", 100, 128, 0.1, "piecewise:75%,90%", AugmentKind.Crop4Flip, "8/255", "2/255")]
    public void Resolve_DataSet_TakesItsRow(string dataset, string model, int epochs, int batch, double lr,
        string schedule, AugmentKind augment, string eps, string step)
    {
        TrainOptions options = Resolve(("dataset", dataset));

        Assert.Multiple(() =>
        {
            Assert.That(options.Model, Is.EqualTo(model));
            Assert.That((options.Epochs, options.Batch, options.Lr), Is.EqualTo((epochs, batch, lr)));
            Assert.That(options.Schedule.ToString(), Is.EqualTo(schedule));
            Assert.That(options.Augment, Is.EqualTo(augment));
            Assert.That((options.Eps.Text, options.Step.Text, options.Steps), Is.EqualTo((eps, step, 10)));
        });
    }

    [Test]
    public void Resolve_OtherModelOfADataSet_TakesTheDataSetsRow()
    {
        TrainOptions options = Resolve(("dataset", "cifar10"), ("model", "small-cnn"));

        Assert.That((options.Model, options.Epochs, options.Augment),
            Is.EqualTo(("small-cnn", 100, AugmentKind.Crop4Flip)));
    }

    // Both end in guessing at the data set's own 0.2 (docs/defaults.md).
    [Test]
    public void Resolve_NetworkWithARowOfItsOwn_TakesItsLearningRate(
        [Values("medium-cnn", "mlp")] string model, [Values] bool inTheConfig)
    {
        var layer = Layer(("model", model));
        TrainOptions options = inTheConfig
            ? TrainResolver.Resolve(SettingLayer.Empty, layer)
            : TrainResolver.Resolve(layer, SettingLayer.Empty);
        TrainOptions typed = TrainResolver.Resolve(Layer(("model", model), ("lr", "0.3")), SettingLayer.Empty);

        Assert.That((options.Model, options.Lr, options.Epochs, options.Batch), Is.EqualTo((model, 0.05, 10, 64)));
        Assert.That(typed.Lr, Is.EqualTo(0.3));
        Assert.That(Resolve(("dataset", "cifar10"), ("model", model)).Lr, Is.EqualTo(0.1));
    }

    [Test]
    public void Resolve_FolderOfSmallGreyImages_TakesTheFirstRow()
    {
        TrainOptions options = TrainResolver.Resolve(Layer(("dataset", "folder"), ("data", "d"), ("seed", "7")),
            SettingLayer.Empty, (name, data, seed) => (name, data, seed) == ("folder", "d", 7UL)
                ? new ImageShape(28, 28, 1)
                : null);

        Assert.That((options.Model, options.Eps.Text), Is.EqualTo(("small-cnn", "0.1")));
    }

    [TestCase("codat", LossKind.Ce, ClassWeightKind.Codat, AttackStart.Uniform)]
    [TestCase("at", LossKind.Ce, ClassWeightKind.None, AttackStart.Uniform)]
    [TestCase("trades", LossKind.Trades, ClassWeightKind.None, AttackStart.Gaussian)]
    [TestCase("erm", LossKind.Clean, ClassWeightKind.None, AttackStart.Uniform)]
    public void Resolve_Objective_IsAPairAndAStart(string name, LossKind loss, ClassWeightKind weights,
        AttackStart start)
    {
        TrainOptions options = Resolve(("objective", name));

        Assert.That((options.Loss, options.ClassWeights, options.Start), Is.EqualTo((loss, weights, start)));
    }

    [Test]
    public void Resolve_TradesWithAStart_KeepsTheStart()
        => Assert.That(Resolve(("loss", "trades"), ("start", "uniform")).Start, Is.EqualTo(AttackStart.Uniform));

    [TestCase("ce", "none", ObjectiveKind.At)]
    [TestCase("trades", "none", ObjectiveKind.Trades)]
    [TestCase("clean", "none", ObjectiveKind.Erm)]
    [TestCase("ce", "balanced", ObjectiveKind.Codat)]
    public void Resolve_PairWithoutObjective_GoesByItsName(string loss, string weights, ObjectiveKind expected)
        => Assert.That(Resolve(("loss", loss), ("class-weights", weights)).Objective, Is.EqualTo(expected));

    [Test]
    public void Resolve_L2_TakesTheEuclideanPreset()
    {
        TrainOptions options = Resolve(("norm", "l2"));

        Assert.That(options.Threat, Is.EqualTo(ThreatModel.Euclidean));
    }

    [Test]
    public void Resolve_TypedOverConfigOverPreset_InThatOrder()
    {
        SettingLayer config = Config("""{ "dataset": "cifar10", "epochs": 30, "lr": "0.05", "eps": "4/255" }""");

        TrainOptions options = TrainResolver.Resolve(Layer(("lr", "0.2")), config);

        Assert.That((options.Lr, options.Epochs, options.Eps.Text, options.Batch), Is.EqualTo((0.2, 30, "4/255", 128)));
    }

    [Test]
    public void Resolve_ObjectiveOverCompleteConfig_BringsItsPairAndStart()
    {
        SettingLayer config = Config(TrainConfig.Write(Resolve(("objective", "trades"), ("lr", "0.05"))));

        TrainOptions options = TrainResolver.Resolve(Layer(("objective", "at")), config);

        Assert.That((options.Loss, options.ClassWeights, options.Start, options.Lr, options.Objective),
            Is.EqualTo((LossKind.Ce, ClassWeightKind.None, AttackStart.Uniform, 0.05, ObjectiveKind.At)));
    }

    [Test]
    public void Resolve_ClassWeightsOverCompleteConfig_RenamesTheObjective()
    {
        SettingLayer config = Config(TrainConfig.Write(Resolve()));

        TrainOptions options = TrainResolver.Resolve(Layer(("class-weights", "none")), config);

        Assert.That(options.Objective, Is.EqualTo(ObjectiveKind.At));
    }

    [Test]
    public void Resolve_NormOverCompleteConfig_BringsItsRadius()
    {
        SettingLayer config = Config(TrainConfig.Write(Resolve(("dataset", "cifar10"))));

        TrainOptions options = TrainResolver.Resolve(Layer(("norm", "l2")), config);

        Assert.That((options.Eps.Text, options.Step.Text), Is.EqualTo(("0.5", "0.125")));
    }

    [TestCase("early-stop", "val", "none", "early-stop", "3")]
    [TestCase("val-limit", "val", "none", "val-limit", "3")]
    [TestCase("nesterov", "nesterov", "true", "momentum", "0")]
    [TestCase("keep", "keep", "1=0.5", "imbalance", "exp:0.1")]
    [TestCase("test-limit", "test", "none", "test-limit", "3")]
    public void Resolve_Contradiction_NamesAnOption(string where, string a, string aText, string b, string bText)
    {
        CodatException error = Assert.Throws<CodatException>(() => Resolve((a, aText), (b, bText)))!;

        Assert.That(error.Where, Is.EqualTo("--" + where));
        Assert.That(error.What, Is.EqualTo("settings contradict each other"));
    }

    [Test]
    public void Validate_MembersTheCommandLineWouldRefuse_NamesThem()
    {
        TrainOptions good = TrainOptions.Preset("cifar10");

        Assert.That(good.Validate, Throws.Nothing);
        Assert.That((good with { Epochs = 0 }).Validate, Refuses("options: epochs"));
        Assert.That((good with { Eps = Magnitude.Of(8) }).Validate, Refuses("options: eps"));
        Assert.That((good with { Lr = double.NaN }).Validate, Refuses("options: lr"));
        Assert.That((good with { Val = ValSpec.None, EarlyStop = 2 }).Validate, Refuses("options: early-stop"));

        static NUnit.Framework.Constraints.Constraint Refuses(string where)
            => Throws.InstanceOf<CodatException>().With.Property("Where").EqualTo(where);
    }

    [Test]
    public void Resolve_L2SizedEpsUnderLinf_SaysWhatToWrite()
    {
        CodatException error = Assert.Throws<CodatException>(() => Resolve(("dataset", "cifar10"), ("eps", "8")))!;

        Assert.That(error.Message, Does.Contain("--eps").And.Contain("write 8/255"));
    }

    [TestCase("eta", "auto:nonsense", null, null, "--eta", "auto (auto:noise), auto:effective, auto:noise or auto:validation")]
    [TestCase("eta", "auto", "objective", "cvar", "--eta", "class weights codat")]
    [TestCase("eta", "auto", "objective", "kl-dro", "--eta", "class weights codat")]
    [TestCase("eta", "auto", "objective", "at", "--eta", "class weights codat")]
    [TestCase("eta", "auto:validation", "val", "none", "--val", "a validation split")]
    [TestCase("eta", "auto:effective", "set", "delta=1", "--set", "share")]
    [TestCase("eta", "auto:noise", "set", "delta=0", "--set", "delta from 0.001 to 100")]
    [TestCase("eta", "0.3", "set", "delta=1", "--set", "none")]
    public void Resolve_RuleThatCannotBe_SaysWhatCan(
        string name, string text, string? other, string? value, string where, string expected)
    {
        var error = Assert.Throws<CodatException>(
            () => Resolve(other is null ? [(name, text)] : [(name, text), (other, value!)]))!;

        Assert.That(error.Where, Is.EqualTo(where));
        Assert.That(error.Expected, Does.Contain(expected));
        Assert.That(error.Message, Does.Not.Contain("\n"));
    }

    [TestCase("objective", "codat-trades", EtaRule.Noise, 0)]
    [TestCase("objective", "at", null, 0.3)]
    [TestCase("objective", "cvar", null, 0.3)]
    [TestCase("eta", "0.7", null, 0.7)]
    [TestCase("eta", "auto:effective", EtaRule.Effective, 0)]
    public void Resolve_OverAConfigWithARule_LeavesNoNumbersOfTheRule(string name, string text, EtaRule? rule, double eta)
    {
        SettingLayer config = Config(TrainConfig.Write(Resolve(("eta", "auto:noise"), ("set", "delta=0.5"))));

        TrainOptions options = TrainResolver.Resolve(Layer((name, text)), config);

        Assert.That((options.EtaRule, options.Eta), Is.EqualTo((rule, eta)));
        Assert.That(options.Set.Keys, Is.Empty);
    }

    [Test]
    public void Resolve_SameRuleOverAConfig_KeepsItsNumbers()
    {
        SettingLayer config = Config(TrainConfig.Write(Resolve(("eta", "auto:noise"), ("set", "delta=0.5"))));

        Assert.That(TrainResolver.Resolve(Layer(("eta", "auto"), ("epochs", "2")), config).Set["delta"], Is.EqualTo(0.5));
    }
}
