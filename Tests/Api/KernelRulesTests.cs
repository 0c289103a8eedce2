using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What kernels may not do, read from their sources: a simulated device would not notice.</summary>
public sealed partial class KernelRulesTests
{
    private static readonly string[] s_product = ["Autograd", "Codat", "Interop", "Layers"];

    [Test]
    public void Kernels_AddNothingByAtomics()
    {
        // The order of atomic additions is the device's: floating-point sums would differ from run to run. Counting
        // and taking the least of whole numbers do not depend on the order.
        var found = Sources().SelectMany(f => f.Lines).SelectMany(l => Atomic().Matches(Code(l)).Select(m => m.Value)).ToArray();

        Assert.That(found, Is.EquivalentTo(new[] { "atomicMin(&shared.first", "atomicAdd(&shared.count" }));
        var shared = Sources().Single(f => f.Name == "class_block.cuh").Lines.Select(l => l.Trim());
        Assert.That(shared, Does.Contain("int first, count;"), "what they act on");
    }

    [Test]
    public void Kernels_IncludeOnlyHeadersOfOurs()
    {
        string[] ours = [.. Sources().Select(f => f.Name).Where(n => n.EndsWith(".cuh", StringComparison.Ordinal))];

        var included = Sources().SelectMany(f => f.Lines).Where(l => l.StartsWith("#include", StringComparison.Ordinal))
            .Select(l => Include().Match(l).Groups[1].Value).Distinct().ToArray();

        Assert.That(included, Is.Not.Empty.And.SubsetOf(ours));
    }

    private static (string Name, string[] Lines)[] Sources()
    {
        var root = Checkout.Root;
        return
        [
            .. s_product.SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, f), "*.cu*", SearchOption.AllDirectories))
                .Where(f => !Path.GetRelativePath(root, f).Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj"))
                .Select(f => (Path.GetFileName(f), File.ReadAllLines(f))),
        ];
    }

    private static string Code(string line) => line.Split("//")[0];

    [GeneratedRegex(@"\b(?:atomic\w+|red\w*\.global\w*)\s*\([^,)]*")]
    private static partial Regex Atomic();

    [GeneratedRegex("#include \"([^\"]+)\"")]
    private static partial Regex Include();
}
