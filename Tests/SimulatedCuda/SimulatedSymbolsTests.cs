using System.Reflection;
using System.Runtime.InteropServices;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The list of names that the simulated CUDA must export against the names that are bound.</summary>
internal sealed class SimulatedSymbolsTests
{
    private const string LogicalPrefix = "codat.";

    [Test]
    public void SymbolList_AgainstTheBoundFunctions_NamesEveryOne()
    {
        var listed = ReadList();

        var bound = BoundNames();

        Assert.That(bound, Has.Length.GreaterThan(100));
        Assert.That(bound.Except(listed), Is.Empty, "bound, but not in Tests/SimulatedCuda/symbols.txt");
    }

    // The generator turns every declaration into a plain import, sometimes inside of the method.
    private static string[] BoundNames() =>
    [
        .. typeof(CudaContext).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(m => (Method: m, Import: m.GetCustomAttribute<DllImportAttribute>()))
            .Where(m => m.Import?.Value.StartsWith(LogicalPrefix, StringComparison.Ordinal) == true)
            .Select(m => m.Import?.EntryPoint ?? m.Method.Name)
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    private static HashSet<string> ReadList() =>
    [
        .. File.ReadLines(Path.Combine(Checkout.Root, "Tests", "SimulatedCuda", "symbols.txt"))
            .Where(l => !l.StartsWith('#'))
            .SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
    ];
}
