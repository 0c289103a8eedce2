using System.Runtime.CompilerServices;
using System.Text;

namespace Codat.Native.Interop;

/// <summary>Compiled kernels in a context.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed unsafe class CudaModule : IDisposable
{
    // What every device takes; newer ones take 32764 from drivers that know of it.
    private const int MaxArgumentBytes = 4096;
    private const int LogBytes = 8192;

    private readonly OwnedHandle _handle;

    private CudaModule(OwnedHandle handle) => _handle = handle;

    public CudaContext Context => _handle.Context;

    internal CUmodule Handle => new(_handle.Get(this));

    internal bool IsDisposed => _handle.IsClosed;

    /// <summary>Loads a cubin, or PTX that ends with a zero byte.</summary>
    public static CudaModule Load(CudaContext context, ReadOnlySpan<byte> image)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfZero(image.Length);
        using var scope = context.Enter();
        byte* log = stackalloc byte[LogBytes];
        log[0] = 0;
        var options = stackalloc CUjit_option[2];
        options[0] = CUjit_option.CU_JIT_ERROR_LOG_BUFFER;
        options[1] = CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;
        var values = stackalloc void*[2];
        values[0] = log;
        values[1] = (void*)LogBytes;
        fixed (byte* bytes = image)
        {
            var status = CudaApi.cuModuleLoadDataEx(out var module, bytes, 2, options, values);
            if (status == CUresult.CUDA_SUCCESS)
                return new CudaModule(new OwnedHandle(context, module.Value, &Unload));
            status.ThrowIfFailed(Call(image.Length, log));
            throw new InvalidOperationException("unreachable");
        }
    }

    /// <summary>Finds a kernel whose only parameter is one <typeparamref name="TArgs"/> by value.</summary>
    public CudaKernel<TArgs> GetKernel<TArgs>(string entry) where TArgs : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(entry);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Unsafe.SizeOf<TArgs>(), MaxArgumentBytes);
        using var scope = Context.Enter();
        fixed (byte* name = Encoding.UTF8.GetBytes(entry + '\0'))
        {
            CudaApi.cuModuleGetFunction(out var function, Handle, name)
                .ThrowIfFailed($"cuModuleGetFunction(\"{entry}\")");
            return new CudaKernel<TArgs>(this, function, entry);
        }
    }

    /// <summary>Finds a variable of the module.</summary>
    public DeviceSpan<byte> GetGlobal(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using var scope = Context.Enter();
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            CudaApi.cuModuleGetGlobal_v2(out var address, out nuint bytes, Handle, text)
                .ThrowIfFailed($"cuModuleGetGlobal_v2(\"{name}\")");
            return new DeviceSpan<byte>(address, checked((long)bytes));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static string Call(int imageBytes, byte* log)
    {
        var bytes = new ReadOnlySpan<byte>(log, LogBytes);
        int end = bytes.IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
        string call = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"cuModuleLoadDataEx({imageBytes} bytes)");
        return text.Length == 0 ? call : $"{call} [{text}]";
    }

    private static void Unload(CudaContext context, nint handle) =>
        CudaApi.cuModuleUnload(new CUmodule(handle)).ParkIfFailed(context);
}
