using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Limits that keep the sources readable side by side; the compiler does not check them.</summary>
public sealed class SourceStyleTests
{
    private const int Columns = 120;
    private const int Lines = 350;

    private static readonly string[] s_product = ["Autograd", "Codat", "Data", "Interop", "Layers"];

    [Test]
    public void ProductFiles_Lines_EndWithinTheColumns()
    {
        string root = Checkout.Root;

        string[] over = [.. Sources(root).SelectMany(file => WideLines(root, file))];

        Assert.That(over, Is.Empty, $"lines of more than {Columns} columns");
    }

    [Test]
    public void ProductFiles_Length_IsWithinTheLimit()
    {
        string root = Checkout.Root;

        string[] over =
        [
            .. Sources(root).Select(file => (File: file, Length: File.ReadAllLines(file).Length))
                .Where(f => f.Length > Lines)
                .Select(f => $"{Path.GetRelativePath(root, f.File)}: {f.Length} lines"),
        ];

        Assert.That(over, Is.Empty, $"files of more than {Lines} lines");
    }

    [Test]
    public void ProductFiles_InACheckout_AreFound()
    {
        string root = Checkout.Root;

        var folders = Sources(root).Select(f => Path.GetRelativePath(root, f).Split(Path.DirectorySeparatorChar)[0]);

        Assert.That(folders.Distinct(), Is.EquivalentTo(s_product));
    }

    private static IEnumerable<string> WideLines(string root, string file) =>
        File.ReadLines(file)
            .Select((line, index) => (Text: line, Number: index + 1))
            .Where(line => line.Text.Length > Columns)
            .Select(line => $"{Path.GetRelativePath(root, file)}:{line.Number}: {line.Text.Length} columns");

    private static IEnumerable<string> Sources(string root) =>
        s_product.Select(folder => Path.Combine(root, folder))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.c*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".cu" or ".cuh")
            .Where(file => !IsBuilt(Path.GetRelativePath(root, file)))
            .Order(StringComparer.Ordinal);

    private static bool IsBuilt(string path) =>
        path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts");
}
