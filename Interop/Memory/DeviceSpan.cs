using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>Elements in device memory: an address and a length. Owns nothing, and cannot be read on the host.</summary>
public readonly struct DeviceSpan<T> : IEquatable<DeviceSpan<T>> where T : unmanaged
{
    internal DeviceSpan(CUdeviceptr pointer, long length)
    {
        Pointer = pointer;
        Length = length;
    }

    /// <summary>Wraps memory of the host application.</summary>
    /// <param name="address">Its device address.</param>
    /// <param name="length">The number of elements.</param>
    public DeviceSpan(ulong address, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Pointer = new CUdeviceptr(address);
        Length = length;
    }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The device address.</summary>
    public ulong Address => Pointer.Value;

    /// <summary>The length in bytes.</summary>
    public nuint Bytes => checked((nuint)Length * (nuint)Unsafe.SizeOf<T>());

    /// <summary>True without elements.</summary>
    public bool IsEmpty => Length == 0;

    internal CUdeviceptr Pointer { get; }

    /// <summary>Some of the elements.</summary>
    public DeviceSpan<T> Slice(long start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - length);
        return new DeviceSpan<T>(Pointer + (nuint)start * (nuint)Unsafe.SizeOf<T>(), length);
    }

    /// <summary>The same bytes as elements of another type; the length must come out even.</summary>
    public DeviceSpan<TOther> Cast<TOther>() where TOther : unmanaged
    {
        nuint size = (nuint)Unsafe.SizeOf<TOther>();
        if (Bytes % size != 0)
            throw new InvalidOperationException($"{Bytes} bytes are no whole number of {typeof(TOther).Name}.");
        return new DeviceSpan<TOther>(Pointer, (long)(Bytes / size));
    }

    /// <inheritdoc/>
    public bool Equals(DeviceSpan<T> other) => Pointer == other.Pointer && Length == other.Length;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DeviceSpan<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Pointer, Length);

    /// <summary>Same address and length.</summary>
    public static bool operator ==(DeviceSpan<T> left, DeviceSpan<T> right) => left.Equals(right);

    /// <summary>Different address or length.</summary>
    public static bool operator !=(DeviceSpan<T> left, DeviceSpan<T> right) => !left.Equals(right);
}
