using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Plan files on disk, and the ready ones beside the program.</summary>
internal static class PlanFile
{
    private const string Extension = ".json";

    /// <summary>The folder of the ready plans.</summary>
    public static string ReadyFolder => Path.Combine(AppContext.BaseDirectory, "plans");

    /// <summary>Names of the ready plans.</summary>
    public static IReadOnlyList<string> Ready => Directory.Exists(ReadyFolder)
        ? [.. Directory.GetFiles(ReadyFolder, "*" + Extension).Select(f => Path.GetFileNameWithoutExtension(f))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Reads a plan: a file, or else a ready plan of that name.</summary>
    /// <exception cref="CodatException">There is none, or it holds something not understood.</exception>
    public static ComparePlan Read(string plan)
    {
        var path = Ready.Contains(plan) && !File.Exists(plan) ? Path.Combine(ReadyFolder, plan + Extension) : plan;
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
            return PlanReader.Read(text.TrimStart('\uFEFF'), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the plan cannot be read", path, "a file, or one of " + string.Join(", ", Ready),
                error is FileNotFoundException ? "no file" : error.Message, inner: error);
        }
        catch (DecoderFallbackException error)
        {
            throw new CodatException("the plan is not text", path, "UTF-8", "bytes that are no UTF-8", inner: error);
        }
    }
}
