using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The checkout the tests were built in: tests of the sources themselves read it.</summary>
internal static class Checkout
{
    /// <summary>Its root; the test is skipped where the tests run outside one.</summary>
    public static string Root
    {
        get
        {
            var at = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            while (at is not null && !File.Exists(Path.Combine(at.FullName, "Codat.Native.sln"))) at = at.Parent;
            if (at is null) Assert.Ignore("no Codat.Native.sln above the tests: they do not run inside a checkout");
            return at!.FullName;
        }
    }
}
