using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>How a parameter starts.</summary>
public enum ParameterInit
{
    /// <summary>Normal with variance 2 / fan-in (He et al. 2015): before a ReLU.</summary>
    He,

    /// <summary>Normal with variance 1 / fan-in: the last layer.</summary>
    LeCun,

    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>Ones.</summary>
    One,
}

/// <summary>One named tensor of a network: a view into the flat arena of weights or of buffers.</summary>
/// <remarks>Until the network is created on a device the value is missing; <see cref="Shape"/> is in our order
/// (NHWC, KRSC).</remarks>
public sealed class Parameter
{
    private Tensor? _value;

    internal Parameter(string name, Shape shape, ParameterInit init, int fanIn = 1, Shape? flattened = null)
    {
        (Name, Shape, Init, FanIn, Flattened) = (name, shape, init, fanIn, flattened);
    }

    /// <summary>The name in weight files.</summary>
    public string Name { get; }

    /// <summary>Sizes in our order: convolutions (K,R,S,C), linear layers (out, in).</summary>
    public Shape Shape { get; }

    /// <summary>How it starts.</summary>
    public ParameterInit Init { get; }

    /// <summary>Inputs of one output, for the initial variance.</summary>
    public int FanIn { get; }

    /// <summary>For a linear layer after a flatten: (H,W,C) before it, so that weight files can reorder its
    /// columns.</summary>
    public Shape? Flattened { get; }

    /// <summary>The tensor.</summary>
    /// <exception cref="InvalidOperationException">The network is not on a device yet.</exception>
    public Tensor Value => _value ?? throw new InvalidOperationException($"parameter '{Name}' is not on a device yet");

    internal void Place(Tensor value) => _value = value;
}
