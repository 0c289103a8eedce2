namespace Codat.Native.Autograd;

/// <summary>One kernel of a plan with its memory.</summary>
public sealed class PlanStep
{
    internal PlanStep(Op op, string label, BoundKernel kernel, OpSignature signature, int[] inputs, int output)
    {
        (Op, Label, Kernel, Signature, InputIds, OutputId) = (op, label, kernel, signature, inputs, output);
        Inputs = new nint[inputs.Length];
    }

    /// <summary>The operation.</summary>
    public Op Op { get; }

    /// <summary>The layer the step belongs to: <c>layer1.0.conv1</c>; empty outside layers.</summary>
    public string Label { get; }

    /// <summary>The kernel bound to it.</summary>
    public BoundKernel Kernel { get; }

    /// <summary>Types of inputs and output.</summary>
    public OpSignature Signature { get; }

    internal int[] InputIds { get; }

    internal int OutputId { get; }

    internal nint[] Inputs { get; }

    internal nint Output { get; set; }
}
