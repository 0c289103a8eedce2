using System.Reflection;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The public surface of the libraries changes only on purpose: with a change of the listing beside this file.</summary>
public sealed class PublicApiTests
{
    private const string AcceptVariable = "CODAT_ACCEPT_API";

    [TestCase("Codat.Native.Interop")]
    [TestCase("Codat.Native.Autograd")]
    [TestCase("Codat.Native.Layers")]
    [TestCase("Codat.Native.Data")]
    [TestCase("Codat.Native.Robust")]
    public void Assembly_PublicSurface_IsTheListing(string assembly)
    {
        string file = Path.Combine(Checkout.Root, "Tests", "Api", assembly + ".txt");
        string[] found = ApiText.Of(Assembly.Load(assembly));

        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
            File.WriteAllText(file, string.Concat(found.Select(line => line + "\n")));
        string[] listed = File.Exists(file) ? File.ReadAllLines(file) : [];

        Assert.That(Difference(listed, found), Is.Empty,
            $"The public surface of {assembly} is not what Tests/Api/{assembly}.txt lists (- listed, + found). "
            + $"If the change is meant, run this test with {AcceptVariable}=1 and commit the file.");
    }

    [Test]
    public void Listing_OfSamples_ShowsWhatCallersDependOn()
    {
        string[] lines = ApiText.Of([typeof(Sample), typeof(Sample.Kind), typeof(ISample<>)]);

        const string Name = "Codat.Native.Tests.PublicApiTests.Sample";
        Assert.That(lines, Is.EqualTo(new[]
        {
            "Codat.Native.Tests.PublicApiTests.ISample<T>.Set(ref T value, out int old): void",
            "Codat.Native.Tests.PublicApiTests.ISample<T>: interface where T : struct, System.IDisposable, System.ValueType",
            $"{Name}.Kind.One: const {Name}.Kind = 1",
            $"{Name}.Kind: enum byte",
            $"{Name}.Limit: const int = 3",
            $"{Name}.Name: required string {{ get; init; }}",
            $"{Name}.Shown: protected virtual int {{ get; }}",
            $"{Name}.Sum<T>(params System.ReadOnlySpan<T> values): static T? where T : struct, System.ValueType",
            $"{Name}.ToString(): override string",
            $"{Name}.new(int size = 2)",
            $"{Name}: class : System.ICloneable",
            $"{Name}.Clone(): object",
        }.Order(StringComparer.Ordinal)));
    }

    [Test]
    public void Difference_OfListings_NamesBothSides()
    {
        string[] difference = Difference(["a", "b", "c"], ["b", "d"]);

        Assert.That(difference, Is.EqualTo(new[] { "- a", "- c", "+ d" }));
    }

    private static string[] Difference(string[] listed, string[] found) =>
        [.. listed.Except(found).Select(l => "- " + l), .. found.Except(listed).Select(l => "+ " + l)];

    /// <summary>A generic interface with constraints.</summary>
    public interface ISample<T> where T : struct, IDisposable
    {
        /// <summary>By reference.</summary>
        void Set(ref T value, out int old);
    }

    /// <summary>One of each kind of member, and hidden ones.</summary>
    public class Sample(int size = 2) : ICloneable
    {
        /// <summary>A constant.</summary>
        public const int Limit = 3;

        /// <summary>Required, set once.</summary>
        public required string Name { get; init; }

        /// <summary>Seen by derived classes.</summary>
        protected virtual int Shown => Hidden + size;

        internal int Hidden { get; set; }

        private protected int Inside { get; set; }

        /// <inheritdoc/>
        public object Clone() => this;

        /// <summary>Generic, with a span of parameters.</summary>
        public static T? Sum<T>(params ReadOnlySpan<T> values) where T : struct => values.IsEmpty ? null : values[0];

        /// <inheritdoc/>
        public override string ToString() => Name;

        /// <summary>An enumeration.</summary>
        public enum Kind : byte
        {
            /// <summary>A value.</summary>
            One = 1,
        }
    }
}
