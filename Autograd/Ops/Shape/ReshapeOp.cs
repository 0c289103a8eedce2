namespace Codat.Native.Autograd;

/// <summary>The same elements under another shape; shares memory.</summary>
internal sealed partial record ReshapeOp(Shape To) : Op
{
    public override bool IsAlias => true;

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Shape.Count == To.Count
            ? new TensorType(inputs[0].Type, To)
            : throw new ShapeException(
                $"cannot reshape {inputs[0].Shape} ({inputs[0].Shape.Count} elements) to {To} ({To.Count})");

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Reshape(context.Gradient, context.Input(0).Shape));
}
