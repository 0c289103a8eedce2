using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>A part of a network: named parameters and buffers, children, and a way through the graph.</summary>
public abstract class Module
{
    private readonly List<(string Name, Module Module)> _children = [];
    private readonly List<Parameter> _parameters = [];
    private readonly List<Parameter> _buffers = [];

    /// <summary>Records the module's computation on x.</summary>
    public abstract Node Forward(ForwardContext context, Node x);

    /// <summary>Every trainable parameter with its full name, in a fixed order.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters() => Walk("", m => m._parameters);

    /// <summary>Every buffer (running statistics) with its full name, in a fixed order.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Buffers() => Walk("", m => m._buffers);

    /// <summary>Adds a child under a name; an empty name adds nothing to the children's names.</summary>
    protected T Add<T>(string name, T module) where T : Module
    {
        _children.Add((name, module));
        return module;
    }

    /// <summary>Declares a trainable parameter.</summary>
    protected Parameter AddParameter(
        string name, Shape shape, ParameterInit init, int fanIn = 1, Shape? flattened = null)
    {
        var parameter = new Parameter(name, shape, init, fanIn, flattened);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Declares a buffer.</summary>
    protected Parameter AddBuffer(string name, Shape shape, ParameterInit init)
    {
        var buffer = new Parameter(name, shape, init);
        _buffers.Add(buffer);
        return buffer;
    }

    /// <summary>Runs a child under its name, for profiles.</summary>
    protected Node Run(Module child, ForwardContext context, Node x)
    {
        ArgumentNullException.ThrowIfNull(context);
        var name = _children.Find(c => ReferenceEquals(c.Module, child)).Name;
        if (string.IsNullOrEmpty(name)) return child.Forward(context, x);
        using (context.Graph.Label(name)) return child.Forward(context, x);
    }

    private IEnumerable<(string Name, Parameter Parameter)> Walk(string prefix, Func<Module, List<Parameter>> list)
    {
        foreach (var parameter in list(this)) yield return (prefix + parameter.Name, parameter);
        foreach (var (name, child) in _children)
            foreach (var found in child.Walk(name.Length == 0 ? prefix : $"{prefix}{name}.", list)) yield return found;
    }
}
