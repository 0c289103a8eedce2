using System.Runtime.InteropServices;

namespace Codat.Native.Autograd;

/// <summary>Named memory on a device that outlives a plan: parameters, inputs, outputs, optimiser state.</summary>
/// <remarks>
/// Owns its memory unless it is a view (<see cref="View"/>) or a carry placed in a program's arena. Copies are explicit
/// and synchronous. One thread at a time.
/// </remarks>
public sealed unsafe class Tensor : IDisposable
{
    private readonly Tensor? _root;
    private long _offsetBytes;
    private Tensor? _cutFrom;
    private readonly bool _owns;
    private byte* _memory;
    private bool _disposed;

    internal Tensor(Device device, DType type, Shape shape, string name, bool placedLater)
    {
        Device = device;
        Type = type;
        Shape = shape;
        Name = name;
        _owns = !placedLater;
        if (_owns) _memory = (byte*)device.AllocateMemory(Bytes);
    }

    private Tensor(Tensor root, long offsetBytes, DType type, Shape shape, string name) =>
        (_root, _offsetBytes, Device, Type, Shape, Name) = (root, offsetBytes, root.Device, type, shape, name);

    /// <summary>The device that holds the memory.</summary>
    public Device Device { get; }

    /// <summary>Element type.</summary>
    public DType Type { get; }

    /// <summary>Sizes of the dimensions.</summary>
    public Shape Shape { get; }

    /// <summary>A name for messages and weight files.</summary>
    public string Name { get; }

    /// <summary>Size in bytes.</summary>
    public long Bytes => checked(Shape.Count * Type.Size());

    /// <summary>The tensor whose memory this one shows; itself unless it is a view.</summary>
    internal Tensor Root => _root ?? this;

    internal long OffsetBytes => _offsetBytes;

    internal byte* Pointer
    {
        get
        {
            Root.ThrowIfDisposed();
            var memory = Root._memory;
            if (memory == null)
                throw new InvalidOperationException($"tensor '{Name}' has no memory yet: compile its program first");
            return memory + _offsetBytes;
        }
    }

    /// <summary>The address of the first element, for code that enqueues copies itself.</summary>
    internal nint Address => (nint)Pointer;

    /// <summary>
    /// A part of this tensor, in elements from <paramref name="offset"/>, under another shape; shares memory.
    /// </summary>
    /// <exception cref="ArgumentException">The part reaches past the end.</exception>
    public Tensor View(long offset, Shape shape, string name)
    {
        if (offset < 0 || offset + shape.Count > Shape.Count)
            throw new ArgumentException($"view {shape} at {offset} reaches past tensor '{Name}' {Shape}");
        return new Tensor(Root, _offsetBytes + offset * Type.Size(), Type, shape, name);
    }

    /// <summary>Some of this tensor's bytes as elements of another type; shares memory.</summary>
    /// <exception cref="ArgumentException">The part reaches past the end or begins between elements.</exception>
    internal Tensor Part(long offsetBytes, DType type, Shape shape, string name)
    {
        if (offsetBytes < 0 || offsetBytes % type.Size() != 0 || offsetBytes + shape.Count * type.Size() > Bytes)
            throw new ArgumentException($"{type} {shape} at byte {offsetBytes} is no part of tensor '{Name}' {Shape}");
        return new Tensor(Root, _offsetBytes + offsetBytes, type, shape, name);
    }

    /// <summary>Overwrites the tensor from host memory.</summary>
    /// <exception cref="ArgumentException">Type or number of elements differ.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> source) where T : unmanaged
    {
        Check<T>(source.Length);
        Device.WriteMemory((nint)Pointer, MemoryMarshal.AsBytes(source));
    }

    /// <summary>Copies the tensor to host memory.</summary>
    /// <exception cref="ArgumentException">Type or number of elements differ.</exception>
    public void CopyTo<T>(Span<T> destination) where T : unmanaged
    {
        Check<T>(destination.Length);
        Device.ReadMemory((nint)Pointer, MemoryMarshal.AsBytes(destination));
    }

    /// <summary>Copies the tensor to a new array.</summary>
    public T[] ToArray<T>() where T : unmanaged
    {
        var result = new T[Shape.Count];
        CopyTo<T>(result);
        return result;
    }

    /// <summary>Sets every element to zero.</summary>
    public void Clear() => Device.ClearMemory((nint)Pointer, Bytes);

    /// <summary>Host memory itself, for code that runs on the CPU backend.</summary>
    internal Span<T> Span<T>() where T : unmanaged
    {
        if (DTypes.Of<T>() != Type) throw new ArgumentException($"tensor '{Name}' holds {Type}, not {typeof(T).Name}");
        return new Span<T>(Pointer, checked((int)Shape.Count));
    }

    /// <summary>
    /// A view of as many outermost rows that can be moved; plans that bind it must resolve their addresses afterwards.
    /// </summary>
    internal Tensor Window(int rows, string name)
    {
        Span<int> sizes = stackalloc int[Shape.MaxRank];
        for (var i = 0; i < Shape.Rank; i++) sizes[i] = Shape[i];
        sizes[0] = rows;
        var window = View(0, new Shape(sizes[..Shape.Rank]), name);
        window._cutFrom = this;
        return window;
    }

    /// <summary>Moves a window so that it begins at row <paramref name="row"/> of the tensor it was cut from.</summary>
    internal void MoveTo(int row)
    {
        var bytes = (long)row * (Bytes / Shape[0]);
        if (_cutFrom is not { } source || bytes < 0 || bytes + Bytes > source.Bytes)
            throw new InvalidOperationException($"window '{Name}' cannot move to row {row}");
        _offsetBytes = source._offsetBytes + bytes;
    }

    /// <summary>True if the two may ever share memory; a window may be anywhere in its tensor.</summary>
    internal bool Overlaps(Tensor other) => Root == other.Root && (IsWindow || other.IsWindow || Meets(other));

    private bool IsWindow => _cutFrom is not null;

    private bool Meets(Tensor other) =>
        _offsetBytes < other._offsetBytes + other.Bytes && other._offsetBytes < _offsetBytes + Bytes;

    internal void ThrowIfDisposed()
    {
        if (_disposed) throw new ObjectDisposedException(Name, "the tensor is disposed of");
    }

    internal void Place(byte* memory) => _memory = memory;

    /// <summary>Releases the memory if this tensor owns it.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_owns && _root is null) Device.ReleaseMemory((nint)_memory, Bytes);
        _memory = null;
    }

    /// <summary>Name, type and shape, for messages.</summary>
    public override string ToString() => $"{Name} {Type} {Shape}";

    private void Check<T>(long length) where T : unmanaged
    {
        if (DTypes.Of<T>() != Type || length != Shape.Count)
            throw new ArgumentException(
                $"tensor '{Name}' holds {Shape.Count} {Type} {Shape}, not {length} {typeof(T).Name}");
    }
}
