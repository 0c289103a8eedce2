namespace Codat.Native.Autograd;

/// <summary>Element type and shape of a value.</summary>
public readonly record struct TensorType(DType Type, Shape Shape)
{
    /// <summary>Type and shape, for messages.</summary>
    public override string ToString() => $"{Type} {Shape}";
}

/// <summary>A mathematical operation with its attributes: immutable, one output, equality is structural.</summary>
/// <remarks>An op that also implements <see cref="ICpuOp"/> has a kernel on the host processor.</remarks>
public abstract record Op
{
    /// <summary>A short name for profiles and messages.</summary>
    public virtual string Name
    {
        get
        {
            var name = GetType().Name;
            return name.EndsWith("Op", StringComparison.Ordinal) ? name[..^2] : name;
        }
    }

    /// <summary>The type of the output for inputs of the given types.</summary>
    /// <exception cref="ShapeException">The inputs do not fit.</exception>
    public abstract TensorType Infer(ReadOnlySpan<TensorType> inputs);

    /// <summary>Adds the nodes that carry the gradient of the output to the inputs that need one.</summary>
    /// <exception cref="NotSupportedException">The op has no derivative.</exception>
    public virtual void Backward(BackwardContext context) =>
        throw new NotSupportedException($"{Name} has no derivative");

    /// <summary>True where the output may overwrite input <paramref name="input"/>, element by element.</summary>
    public virtual bool AllowsInPlace(int input) => false;

    /// <summary>True where the output is the first input's memory under another shape.</summary>
    public virtual bool IsAlias => false;

    /// <summary>Inputs that the op overwrites: bound tensors only. Such an op is an effect.</summary>
    public virtual ReadOnlySpan<int> Mutates => default;
}

/// <summary>Inputs of an op do not fit together.</summary>
public sealed class ShapeException(string message) : ArgumentException(message);
