namespace Codat.Native.Interop;

/// <summary>The run-time compiler of this process. Needs neither a driver nor a device.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed unsafe class NvrtcCompiler
{
    private const string LibraryFix = "install NVRTC 12 or newer, or use precompiled kernels (codat cache build)";
    private static readonly Lazy<(NvrtcCompiler? Compiler, CodatException? Error)> s_shared = new(Load);

    private NvrtcCompiler(NvrtcVersion version, int[] architectures)
    {
        Version = version;
        Architectures = architectures;
    }

    /// <summary>The architectures it compiles for, compute capability times ten, ascending.</summary>
    public IReadOnlyList<int> Architectures { get; }

    /// <summary>The version as text.</summary>
    public string VersionText => Version.ToString();

    internal NvrtcVersion Version { get; }

    /// <summary>The compiler, or null with the reason why there is none.</summary>
    public static NvrtcCompiler? Find(out CodatException? reason)
    {
        (var compiler, reason) = s_shared.Value;
        return compiler;
    }

    /// <summary>The compiler.</summary>
    /// <exception cref="CodatException">The library is not there.</exception>
    public static NvrtcCompiler Get() => Find(out var reason)
        ?? throw new CodatException("kernels cannot be compiled", "NVRTC", found: reason?.Message, fix: LibraryFix,
            isUsage: false, inner: reason);

    /// <summary>
    /// The target for a device: machine code, or PTX of the newest known one for a device newer than it.
    /// </summary>
    /// <exception cref="CodatException">The device is older than anything the compiler knows.</exception>
    internal string Target(int architecture) => Target(architecture, Architectures, Version);

    internal static string Target(int architecture, IReadOnlyList<int> known, NvrtcVersion version)
    {
        if (known.Contains(architecture)) return $"sm_{architecture}";
        if (known.Count > 0 && architecture > known[^1]) return $"compute_{known[^1]}";
        throw new CodatException("the compiler does not know the architecture", $"NVRTC {version}",
            string.Join(", ", known), $"{architecture}", "use another version of the compiler", isUsage: false);
    }

    /// <summary>
    /// Compiles a source: a cubin for a target <c>sm_NN</c>, PTX with its final zero for <c>compute_NN</c>.
    /// </summary>
    /// <exception cref="NvrtcCompilationException">The source does not compile.</exception>
    internal static byte[] Compile(KernelSource source, string[] arguments)
    {
        var program = Create(source);
        try
        {
            var status = Compile(program, arguments);
            if (status == nvrtcResult.NVRTC_ERROR_COMPILATION || status == nvrtcResult.NVRTC_ERROR_INVALID_OPTION)
                throw Failure(source, arguments, ReadLog(program));
            status.ThrowIfFailed("NvrtcApi.nvrtcCompileProgram(program)");
            return ReadImage(program);
        }
        finally
        {
            // Nothing can be done about a failure, and the image is already ours.
            _ = NvrtcApi.nvrtcDestroyProgram(ref program);
        }
    }

    private static nvrtcProgram Create(KernelSource source)
    {
        var texts = new Utf8Block();
        texts.Add(source.Text);
        texts.Add(source.Name);
        foreach (var header in source.Headers) texts.Add(header.Text);
        foreach (var header in source.Headers) texts.Add(header.Name);
        var count = source.Headers.Length;
        var bytes = texts.ToArray();
        var pointers = stackalloc byte*[2 * count + 1];
        fixed (byte* start = bytes)
        {
            for (var i = 0; i < 2 * count; i++) pointers[i] = start + texts.Start(i + 2);
            NvrtcApi.nvrtcCreateProgram(out var program, start + texts.Start(0), start + texts.Start(1), count,
                pointers, pointers + count).ThrowIfFailed();
            return program;
        }
    }

    private static nvrtcResult Compile(nvrtcProgram program, string[] arguments)
    {
        var texts = new Utf8Block();
        foreach (var argument in arguments) texts.Add(argument);
        var bytes = texts.ToArray();
        var pointers = stackalloc byte*[arguments.Length + 1];
        fixed (byte* start = bytes)
        {
            for (var i = 0; i < arguments.Length; i++) pointers[i] = start + texts.Start(i);
            return NvrtcApi.nvrtcCompileProgram(program, arguments.Length, pointers);
        }
    }

    private static NvrtcCompilationException Failure(KernelSource source, string[] arguments, string log)
    {
        var messages = CompileLog.Parse(log);
        return new NvrtcCompilationException(source.Name, arguments, log, messages,
            CompileLog.Excerpt(messages, source.Lines));
    }

    private static string ReadLog(nvrtcProgram program)
    {
        NvrtcApi.nvrtcGetProgramLogSize(program, out var size).ThrowIfFailed();
        if (size <= 1) return "";
        var log = new byte[size];
        fixed (byte* start = log)
        {
            NvrtcApi.nvrtcGetProgramLog(program, start).ThrowIfFailed();
            return NativeCall.Text(start);
        }
    }

    private static byte[] ReadImage(nvrtcProgram program)
    {
        NvrtcApi.nvrtcGetCUBINSize(program, out var size).ThrowIfFailed();
        var isCubin = size > 0;
        if (!isCubin) NvrtcApi.nvrtcGetPTXSize(program, out size).ThrowIfFailed();
        var image = new byte[size];
        fixed (byte* start = image)
        {
            if (isCubin) NvrtcApi.nvrtcGetCUBIN(program, start).ThrowIfFailed();
            else NvrtcApi.nvrtcGetPTX(program, start).ThrowIfFailed();
        }
        return image;
    }

    private static (NvrtcCompiler? Compiler, CodatException? Error) Load()
    {
        try
        {
            NvrtcApi.nvrtcVersion(out var major, out var minor).ThrowIfFailed();
            NvrtcApi.nvrtcGetNumSupportedArchs(out var count).ThrowIfFailed();
            var architectures = new int[count];
            fixed (int* start = architectures) NvrtcApi.nvrtcGetSupportedArchs(start).ThrowIfFailed();
            Array.Sort(architectures);
            return (new NvrtcCompiler(new NvrtcVersion(major, minor), architectures), null);
        }
        catch (CodatException e)
        {
            return (null, e);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return (null, new CodatException("the run-time compiler cannot be loaded", "NVRTC", found: e.Message,
                fix: LibraryFix, isUsage: false, inner: e));
        }
    }
}
