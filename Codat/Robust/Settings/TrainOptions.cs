using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Every setting of a training run; names are those of the command line in PascalCase.</summary>
/// <remarks>Start from <see cref="Preset"/> and change what should differ, or read a <c>config.json</c>.</remarks>
public sealed record TrainOptions : CommonOptions
{
    /// <summary>The name of the data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>The folder that holds the data set, or null for the default places.</summary>
    public string? Data { get; init; }

    /// <summary>The name of the network.</summary>
    public required string Model { get; init; }

    /// <summary>A weight file to start from, or null for a fresh initialisation.</summary>
    public string? Init { get; init; }

    /// <summary>The name of the method.</summary>
    public ObjectiveKind Objective { get; init; }

    /// <summary>The loss of a step.</summary>
    public required LossKind Loss { get; init; }

    /// <summary>How class risks are combined.</summary>
    public required ClassWeightKind ClassWeights { get; init; }

    /// <summary>Numbers of the method's own that differ from its defaults.</summary>
    public MethodNumbers Set { get; init; } = MethodNumbers.None;

    /// <summary>The weight of the KL term of TRADES.</summary>
    public double Beta { get; init; } = 6;

    /// <summary>The radius of the ball, for CODAT sum (p-p0)^2/p0; for cvar the share. Not looked at with an
    /// <see cref="EtaRule"/>.</summary>
    public double Eta { get; init; } = 0.3;

    /// <summary>How the radius is chosen while the run goes on, or null for <see cref="Eta"/> throughout.</summary>
    public EtaRule? EtaRule { get; init; }

    /// <summary>Which solution of the inner maximisation is used.</summary>
    public WeightSolver Weights { get; init; }

    /// <summary>Where class risks come from.</summary>
    public RiskPolicy Risk { get; init; }

    /// <summary>What stands for a class that is absent from a batch.</summary>
    public MissingPolicy Missing { get; init; }

    /// <summary>Which variance sets the size of the ball.</summary>
    public VarianceKind Variance { get; init; }

    /// <summary>The prior over classes.</summary>
    public PriorSpec Prior { get; init; } = PriorSpec.Uniform;

    /// <summary>The norm of the training attack.</summary>
    public required Norm Norm { get; init; }

    /// <summary>The radius of the training attack.</summary>
    public required Magnitude Eps { get; init; }

    /// <summary>The step of the training attack.</summary>
    public required Magnitude Step { get; init; }

    /// <summary>The number of steps of the training attack.</summary>
    public required int Steps { get; init; }

    /// <summary>Where the training attack starts.</summary>
    public required AttackStart Start { get; init; }

    /// <summary>What batch normalisation does during the training attack.</summary>
    public AttackBatchNorm AttackBn { get; init; }

    /// <summary>Passes over the training images.</summary>
    public required int Epochs { get; init; }

    /// <summary>Images in a step.</summary>
    public required int Batch { get; init; }

    /// <summary>The full learning rate.</summary>
    public required double Lr { get; init; }

    /// <summary>The momentum, in [0,1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>The weight decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>The learning-rate schedule.</summary>
    public required ScheduleSpec Schedule { get; init; }

    /// <summary>How training images are varied.</summary>
    public required AugmentKind Augment { get; init; }

    /// <summary>The share of the label spread over all classes, in [0,1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How far weights are moved against the step before it, relative to the norm of each layer, or null for
    /// not at all.</summary>
    public double? Awp { get; init; }

    /// <summary>The decay per step of the weight average, or null for none; with a gate, per epoch.</summary>
    public double? Ema { get; init; }

    /// <summary>The percentage of the epochs after which weights are averaged at the end of each, or null.</summary>
    public double? Swa { get; init; }

    /// <summary>The robust accuracy of the worst validation class below which an epoch stays out of the weight
    /// average, 0 to 1, or null for no such average.</summary>
    public double? AverageGate { get; init; }

    /// <summary>The size of the validation split.</summary>
    public ValSpec Val { get; init; } = new(10, null);

    /// <summary>The attack on the validation split, by which <c>best</c> is chosen.</summary>
    public AttackExpression ValAttack { get; init; } = AttackExpression.Parse("pgd-10", "val-attack");

    /// <summary>Epochs without a better worst class after which the run stops, or null.</summary>
    public int? EarlyStop { get; init; }

    /// <summary>The attacks of the final test of <c>best</c>; empty for no test.</summary>
    public AttackList Test { get; init; } = AttackList.Parse("pgd-20", "test");

    /// <summary>Steps after which the run ends, or null; the schedule stays as it was.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Training images used, or null for all.</summary>
    public int? TrainLimit { get; init; }

    /// <summary>Validation images used, or null for all.</summary>
    public int? ValLimit { get; init; }

    /// <summary>Test images used, the first ones, or null for all.</summary>
    public int? TestLimit { get; init; }

    /// <summary>Whether risks and weights of every step are kept in <c>steps/</c>.</summary>
    public bool LogSteps { get; init; }

    /// <summary>The arithmetic of the network.</summary>
    public PrecisionKind Precision { get; init; }

    /// <summary>How far results repeat.</summary>
    public DeterminismKind Determinism { get; init; } = DeterminismKind.Reproducible;

    /// <summary>How often the state is saved besides the ends of epochs.</summary>
    public DurationSpec SaveEvery { get; init; } = DurationSpec.Parse("10m", "save-every");

    /// <summary>An artificial imbalance of the training images, or null.</summary>
    public ImbalanceSpec? Imbalance { get; init; }

    /// <summary>Shares of single classes that are kept, or null.</summary>
    public KeepSpec? Keep { get; init; }

    /// <summary>Whether TensorBoard events are written.</summary>
    public bool Tensorboard { get; init; }

    /// <summary>The run folder, or null for a name made of date, data set, network, objective and seed.</summary>
    public string? Out { get; init; }

    /// <summary>The training attack as one value.</summary>
    public ThreatModel Threat => new(Norm, Eps, Step, Steps, Start);

    /// <summary>
    /// Refuses settings that the command line would refuse: out of range, or contradicting each other.
    /// </summary>
    /// <exception cref="Interop.CodatException">A setting is not allowed; it is named.</exception>
    public void Validate() => TrainConfig.Read(TrainConfig.Write(this), "options");

    /// <summary>The settings of a run nobody said anything about but its data set, objective and norm.</summary>
    /// <param name="dataset">The name of the data set.</param>
    /// <param name="objective">The method.</param>
    /// <param name="norm">The norm of the training attack.</param>
    /// <param name="shape">The shape of the images where the name does not tell (folder, npz, synthetic).</param>
    /// <param name="model">The network, whose learning rate it may be; the data set's own when null.</param>
    /// <exception cref="Interop.CodatException">There is no data set of that name.</exception>
    public static TrainOptions Preset(string dataset = DataSetPreset.Default, ObjectiveKind objective = default,
        Norm norm = default, ImageShape? shape = null, string? model = null)
    {
        DataSetPreset row = DataSetPreset.Find(dataset, "dataset");
        ImageShape image = row.Shape ?? shape ?? default;
        TrainPreset preset = (row.Train ?? TrainPreset.For(image)).WithModel(model);
        ObjectiveSheet sheet = ObjectiveSheet.Of(objective);
        ThreatModel threat = ThreatModel.Preset(norm, image);
        return new TrainOptions
        {
            Dataset = dataset,
            Model = preset.Model,
            Objective = objective,
            Loss = sheet.Loss,
            ClassWeights = sheet.ClassWeights,
            Beta = sheet.Beta,
            Eta = sheet.Eta,
            Norm = threat.Norm,
            Eps = threat.Eps,
            Step = threat.Step,
            Steps = threat.Steps,
            Start = ObjectivePreset.StartOf(sheet.Loss, threat.Start),
            Epochs = preset.Epochs,
            Batch = preset.Batch,
            Lr = preset.Lr,
            Schedule = preset.Schedule,
            Augment = preset.Augment,
        };
    }
}
