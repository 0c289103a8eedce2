namespace Codat.Native.Interop;

/// <summary>One compilation: a source, all its kernels, in one variant.</summary>
internal readonly record struct KernelBuild(KernelSource Source, CompileOptions Options)
{
    /// <summary>The macro that holds the size of the host's argument struct, for the source to check.</summary>
    internal const string SizeMacro = "ARGS_SIZE";

    /// <summary>The build of a kernel whose argument struct has a size.</summary>
    /// <exception cref="CodatException">The source names its variants, and this is not among them.</exception>
    internal static KernelBuild For(KernelSource source, int argsBytes, in CompileOptions options)
    {
        var complete = (options with { Architecture = 0 }).Define(SizeMacro, argsBytes);
        // What a source does not declare is not compiled ahead, and a struct that has grown on one side shows here.
        var variants = source.FindVariants();
        if (variants.Count > 0 && !variants.Contains(complete))
        {
            throw new CodatException("a kernel is wanted in a variant that its source does not declare", source.Name,
                string.Join(" or ", variants.Select(variant => variant.ToString())), complete.ToString(),
                "add it to the // variants: lines of the source", isUsage: false);
        }
        return new KernelBuild(source, complete);
    }

    /// <summary>The compiler's arguments for a target.</summary>
    internal string[] Arguments(string target, NvrtcVersion compiler) => Options.Arguments(target, compiler);

    internal CubinKey Key(string target, NvrtcVersion compiler) =>
        CubinKey.Of(Source, Arguments(target, compiler), compiler);

    /// <summary>The same text for the same compilation.</summary>
    internal string Identity(int architecture) => $"{Source.Digest} {architecture} {Options}";
}
