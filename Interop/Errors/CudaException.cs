using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>A call into the CUDA driver failed.</summary>
public class CudaException : CodatException
{
    /// <summary>Creates an error from the call, the driver's code, name and text, and the device concerned.</summary>
    public CudaException(string call, int code, string name, string text, string? device = null, string? fix = null,
        Exception? inner = null)
        : base($"{call} failed", device, null,
            string.Create(CultureInfo.InvariantCulture, $"{name} ({code}): {text}"), fix, isUsage: false, inner)
    {
        Call = call;
        Code = code;
        Name = name;
        Text = text;
        Device = device;
    }

    /// <summary>The native call that failed, with its arguments as written.</summary>
    public string Call { get; }

    /// <summary>The driver's status code.</summary>
    public int Code { get; }

    /// <summary>The status code's name.</summary>
    public string Name { get; }

    /// <summary>The driver's text for the status code.</summary>
    public string Text { get; }

    /// <summary>The device concerned, if known.</summary>
    public string? Device { get; }

    internal CUresult Status => (CUresult)Code;
}
