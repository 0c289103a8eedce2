using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>Compiles a few lines of CUDA for tests of modules and launches, with bare calls of the compiler.</summary>
internal static unsafe class TestKernel
{
    public static byte[] Compile(CudaContext context, string source)
    {
        nint program;
        var options = stackalloc byte*[1];
        fixed (byte* text = Bytes(source), name = Bytes("test.cu"), architecture = Bytes($"--gpu-architecture=sm_{context.Device.ComputeCapability}"))
        {
            Check(((delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Export("nvrtcCreateProgram"))(&program, text, name, 0, null, null), "create");
            options[0] = architecture;
            int result = ((delegate* unmanaged<nint, int, byte**, int>)Export("nvrtcCompileProgram"))(program, 1, options);
            if (result != 0) throw new InvalidOperationException($"nvrtc {result}: {Log(program)}");
        }
        nuint size;
        Check(((delegate* unmanaged<nint, nuint*, int>)Export("nvrtcGetCUBINSize"))(program, &size), "size");
        var cubin = new byte[size];
        fixed (byte* bytes = cubin) Check(((delegate* unmanaged<nint, byte*, int>)Export("nvrtcGetCUBIN"))(program, bytes), "cubin");
        Check(((delegate* unmanaged<nint*, int>)Export("nvrtcDestroyProgram"))(&program), "destroy");
        return cubin;
    }

    private static string Log(nint program)
    {
        nuint size;
        Check(((delegate* unmanaged<nint, nuint*, int>)Export("nvrtcGetProgramLogSize"))(program, &size), "log size");
        var log = new byte[size];
        fixed (byte* bytes = log) Check(((delegate* unmanaged<nint, byte*, int>)Export("nvrtcGetProgramLog"))(program, bytes), "log");
        return Encoding.UTF8.GetString(log);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static nint Export(string name) => LibraryResolver.TryGetExport(LibraryNames.Nvrtc, name, out nint address)
        ? address
        : throw new EntryPointNotFoundException(name);

    private static void Check(int result, string what)
    {
        if (result != 0) throw new InvalidOperationException($"nvrtc {what}: {result}");
    }
}
