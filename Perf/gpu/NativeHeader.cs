using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Perf;

/// <summary>
/// Our numbers and sizes as a C file of assertions: a compiler that has NVIDIA's headers says which of them differ.
/// </summary>
internal static class NativeHeader
{
    // Folders of the bindings and the headers that declare what they bind.
    private static readonly (string Prefix, string Header)[] s_headers =
    [
        ("CU", "cuda.h"), ("nvrtc", "nvrtc.h"), ("cublasLt", "cublasLt.h"), ("cublas", "cublas_v2.h"),
        ("cuda", "library_types.h"), ("library", "library_types.h"), ("cudnn", "cudnn.h"),
    ];

    private static readonly string[] s_prefixes = ["CU_", "CUDA_", "CUBLAS", "CUDNN_", "NVRTC_", "MAJOR_", "MINOR_", "PATCH_"];

    private static readonly Dictionary<string, int> s_sizes = new()
    {
        [nameof(CUuuid)] = Unsafe.SizeOf<CUuuid>(),
        [nameof(CUgraphExecUpdateResultInfo)] = Unsafe.SizeOf<CUgraphExecUpdateResultInfo>(),
        [nameof(cublasLtMatmulAlgo_t)] = Unsafe.SizeOf<cublasLtMatmulAlgo_t>(),
        [nameof(cublasLtMatmulHeuristicResult_t)] = Unsafe.SizeOf<cublasLtMatmulHeuristicResult_t>(),
    };

    /// <summary>Writes the file: a guarded part per header, so that those that are present can be checked.</summary>
    public static void Write(string file)
    {
        var text = new StringBuilder("/* Written by Codat.Native.Perf.Gpu: compile with -fsyntax-only. */\n");
        var enums = typeof(CudaContext).Assembly.GetTypes().Where(t => t.IsEnum && NativeNames(t).Length > 0)
            .GroupBy(t => Header(t.Name), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var header in enums)
        {
            text.Append(CultureInfo.InvariantCulture, $"#if __has_include(<{header.Key}>)\n#include <{header.Key}>\n");
            foreach (var type in header.OrderBy(t => t.Name, StringComparer.Ordinal))
                foreach (var name in NativeNames(type)) Assert(text, $"(long long)({name})", Number(type, name), name);
            foreach (var (type, size) in s_sizes)
            {
                if (Header(type) != header.Key) continue;
                Assert(text, $"sizeof({type})", size.ToString(CultureInfo.InvariantCulture), type);
            }
            text.Append(CultureInfo.InvariantCulture, $"#else\n#warning \"not found: {header.Key}\"\n#endif\n");
        }
        File.WriteAllText(file, text.ToString());
    }

    private static string[] NativeNames(Type type) =>
        [.. Enum.GetNames(type).Where(n => s_prefixes.Any(p => n.StartsWith(p, StringComparison.Ordinal)))];

    private static string Header(string type) =>
        s_headers.First(h => type.StartsWith(h.Prefix, StringComparison.Ordinal)).Header;

    private static string Number(Type type, string name) =>
        Convert.ToDecimal(Enum.Parse(type, name), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    private static void Assert(StringBuilder text, string theirs, string ours, string name) =>
        text.Append(CultureInfo.InvariantCulture, $"_Static_assert({theirs} == {ours}, \"{name}: ours is {ours}\");\n");
}
