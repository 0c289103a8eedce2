using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The folder of real data sets beside the checkout; tests that need it are skipped without it.</summary>
internal static class SharedData
{
    /// <summary>The folder, or a skip with the reason.</summary>
    internal static string Folder
    {
        get
        {
            string? found = Environment.GetEnvironmentVariable("CODAT_TEST_DATA");
            for (var at = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); found is null && at is not null;
                at = at.Parent)
            {
                string candidate = Path.Combine(at.FullName, "shared", "data");
                if (Directory.Exists(candidate)) found = candidate;
            }

            if (found is null) Assert.Ignore("no folder shared/data above the tests, and CODAT_TEST_DATA is not set");
            return found ?? "";
        }
    }
}
