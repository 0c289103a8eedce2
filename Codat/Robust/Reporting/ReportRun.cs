using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>A run as it appears on a page: its letter, its name among the others, its classes' names.</summary>
internal sealed record ReportRun(RunView View, string Letter, string Label, string Tone, string IdPrefix)
{
    private const int Tones = 6;
    private static readonly string[] s_telling =
        ["objective", "eta", "weights", "loss", "prior", "model", "dataset", "eps", "epochs", "seed"];

    /// <summary>Number of classes, 0 where nothing tells.</summary>
    public int Classes => Math.Max(NamedClasses(), View.ShownEpoch is { } epoch
        ? Math.Max(epoch.Robust.PerClass.Length, epoch.Weight.Mean.Length) : 0);

    /// <summary>Names the runs by the settings in which they differ, else by folder or file.</summary>
    public static List<ReportRun> Name(IReadOnlyList<RunView> views)
    {
        var labels = views.Select(view => Telling(view, views)).ToArray();
        var runs = new List<ReportRun>(views.Count);
        for (var i = 0; i < views.Count; i++)
        {
            var unique = labels[i].Length > 0 && labels.Count(label => label == labels[i]) == 1;
            var name = views.Count(view => view.Name == views[i].Name) == 1 ? views[i].Name : views[i].Source;
            runs.Add(new ReportRun(views[i], LetterOf(i), unique ? labels[i] : name,
                "tone-run" + (i % Tones + 1).ToString(CultureInfo.InvariantCulture),
                views.Count == 1 ? "" : "run-" + LetterOf(i).ToLowerInvariant() + "-"));
        }
        return runs;
    }

    /// <summary>The name of a class, from whichever file has it.</summary>
    public string ClassName(int index)
    {
        foreach (var attack in View.Final?.Attacks ?? [])
            if (attack.Find(index) is { } result)
                return result.Name;
        foreach (var row in View.ClassRows)
            if (row.Class == index)
                return row.Name;
        return ReportFormat.ClassName(index);
    }

    /// <summary>The method's name as a person writes it.</summary>
    public string Method => View.IsEvaluation ? "Robust evaluation" : View.Setting("objective") is { } objective
        ? objective.ToLowerInvariant() switch
        {
            "at" => "Adversarial training",
            "erm" => "Standard training",
            _ => objective.ToUpperInvariant(),
        }
        : "Robust training";

    /// <summary>The data set's name as a person writes it.</summary>
    public string Dataset => (View.Setting("dataset") ?? View.Final?.Dataset) switch
    {
        "fashion-mnist" => "Fashion-MNIST",
        "fashion-mnist-mini" => "Fashion-MNIST mini",
        "cifar10" => "CIFAR-10",
        "cifar100" => "CIFAR-100",
        "svhn" => "SVHN",
        "stl10" => "STL-10",
        { } other => other,
        null => "an unnamed data set",
    };

    /// <summary>The threat model in a few signs, or null where no file states it.</summary>
    public string? Threat
    {
        get
        {
            var eps = View.Final?.EpsText ?? View.Setting("eps");
            var norm = View.Setting("norm") ?? View.Final?.Norm;
            if (norm is "linf" or "l2") norm = norm == "linf" ? "ℓ∞" : "ℓ2";
            return eps is null && norm is null ? null : $"{norm} ε = {eps ?? "?"}".Trim();
        }
    }

    /// <summary>True for class weights over a chi-square ball, which the explanations on the page are about.</summary>
    public bool IsChiSquare => WeighsClasses && View.Setting("objective") is null or "codat" or "codat-trades";

    /// <summary>True unless the settings say that every class counts the same.</summary>
    public bool WeighsClasses => Weighs(View);

    private static bool Weighs(RunView view) => view.Setting("class-weights") is { } weights
        ? weights != "none"
        : view.Setting("objective") is not ("at" or "trades" or "erm");

    private int NamedClasses()
    {
        var most = 0;
        foreach (var attack in View.Final?.Attacks ?? [])
            foreach (var result in attack.PerClass)
                most = Math.Max(most, result.Class + 1);
        foreach (var row in View.ClassRows) most = Math.Max(most, row.Class + 1);
        return most;
    }

    private static string LetterOf(int i) => 
        i < 26 ? ((char)('A' + i)).ToString() : "R" + (i + 1).ToString(CultureInfo.InvariantCulture);

    private static string Telling(RunView view, IReadOnlyList<RunView> views)
    {
        var parts = new List<string>();
        foreach (var setting in s_telling)
        {
            var value = view.Setting(setting);
            var differs = views.Any(other => other.Setting(setting) != value);
            if (value is null || (!differs && setting != "objective")) continue;
            if (setting is "eta" or "weights" or "prior" && !Weighs(view)) continue;
            parts.Add(setting switch
            {
                "objective" => value.ToUpperInvariant(),
                "eta" => "η " + value,
                _ => setting + " " + value,
            });
        }
        return string.Join(", ", parts);
    }
}
