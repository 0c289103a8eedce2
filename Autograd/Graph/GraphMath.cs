namespace Codat.Native.Autograd;

/// <summary>The ops of the library as methods of a graph.</summary>
public static class GraphMath
{
    extension(GraphBuilder graph)
    {
        /// <summary>x + y, same shapes.</summary>
        public Node Add(Node x, Node y) => graph.Apply(new BinaryOp(BinaryKind.Add), x, y);

        /// <summary>x - y, same shapes.</summary>
        public Node Subtract(Node x, Node y) => graph.Apply(new BinaryOp(BinaryKind.Subtract), x, y);

        /// <summary>x y, element by element.</summary>
        public Node Multiply(Node x, Node y) => graph.Apply(new BinaryOp(BinaryKind.Multiply), x, y);

        /// <summary>x / y, element by element.</summary>
        public Node Divide(Node x, Node y) => graph.Apply(new BinaryOp(BinaryKind.Divide), x, y);

        /// <summary>x (N,...) times one number for each row, y (N).</summary>
        public Node MultiplyRows(Node x, Node y) =>
            graph.Apply(new BinaryOp(BinaryKind.Multiply, Spread: Broadcast.Row), x, y);

        /// <summary>x (...,C) times one number for each channel, y (C).</summary>
        public Node MultiplyChannels(Node x, Node y) =>
            graph.Apply(new BinaryOp(BinaryKind.Multiply, Spread: Broadcast.Channel), x, y);

        /// <summary>x (...,C) plus one number for each channel, y (C): a bias.</summary>
        public Node AddChannels(Node x, Node y) =>
            graph.Apply(new BinaryOp(BinaryKind.Add, Spread: Broadcast.Channel), x, y);

        /// <summary>x times a single computed number.</summary>
        public Node MultiplyScalar(Node x, Node y) =>
            graph.Apply(new BinaryOp(BinaryKind.Multiply, Spread: Broadcast.Scalar), x, y);

        /// <summary>factor x.</summary>
        public Node Scale(Node x, double factor) => graph.Apply(new UnaryOp(UnaryKind.Scale, factor), x);

        /// <summary>x + offset.</summary>
        public Node Offset(Node x, double offset) => graph.Apply(new UnaryOp(UnaryKind.Offset, offset), x);

        /// <summary>x limited to [low, high]; derivative 1 strictly inside, 0 elsewhere.</summary>
        public Node Clamp(Node x, double low, double high) => graph.Apply(new UnaryOp(UnaryKind.Clamp, low, high), x);

        /// <summary>max(x, 0), derivative 0 at 0.</summary>
        public Node Relu(Node x) => graph.Apply(new UnaryOp(UnaryKind.Relu), x);

        /// <summary>x / (1 + exp(-x)).</summary>
        public Node Silu(Node x) => graph.Apply(new UnaryOp(UnaryKind.Silu), x);

        /// <summary>1 / (1 + exp(-x)).</summary>
        public Node Sigmoid(Node x) => graph.Apply(new UnaryOp(UnaryKind.Sigmoid), x);

        /// <summary>exp(x).</summary>
        public Node Exp(Node x) => graph.Apply(new UnaryOp(UnaryKind.Exp), x);

        /// <summary>Natural logarithm.</summary>
        public Node Log(Node x) => graph.Apply(new UnaryOp(UnaryKind.Log), x);

        /// <summary>Square root.</summary>
        public Node Sqrt(Node x) => graph.Apply(new UnaryOp(UnaryKind.Sqrt), x);

        /// <summary>x squared.</summary>
        public Node Square(Node x) => graph.Apply(new UnaryOp(UnaryKind.Square), x);

        /// <summary>1 / x.</summary>
        public Node Reciprocal(Node x) => graph.Apply(new UnaryOp(UnaryKind.Reciprocal), x);

        /// <summary>Absolute value, derivative 0 at 0.</summary>
        public Node Abs(Node x) => graph.Apply(new UnaryOp(UnaryKind.Abs), x);

        /// <summary>-1, 0 or 1; derivative 0.</summary>
        public Node Sign(Node x) => graph.Apply(new UnaryOp(UnaryKind.Sign), x);

        /// <summary>The same elements under another shape.</summary>
        public Node Reshape(Node x, Shape shape) => x.Shape == shape ? x : graph.Apply(new ReshapeOp(shape), x);

        /// <summary>(N, ...) as (N, rest).</summary>
        public Node Flatten(Node x) =>
            graph.Reshape(x, new Shape(x.Shape[0], checked((int)(x.Shape.Count / x.Shape[0]))));

        /// <summary>Row <paramref name="index"/> of the outermost dimension.</summary>
        public Node Row(Node x, int index) => graph.Apply(new RowOp(index), x);

        /// <summary>Sum over everything but the last dimension: (..., C) to (C).</summary>
        public Node SumRows(Node x) => graph.Apply(new ReduceOp(ReduceKind.Channels), x);

        /// <summary>Sum over everything but the first dimension: (N, ...) to (N).</summary>
        public Node SumPerRow(Node x) => graph.Apply(new ReduceOp(ReduceKind.Rows), x);

        /// <summary>Sum of all elements, a scalar.</summary>
        public Node SumAll(Node x) => graph.Apply(new ReduceOp(ReduceKind.All), x);

        /// <summary>Mean of all elements, a scalar.</summary>
        public Node Mean(Node x) => graph.Scale(graph.SumAll(x), 1.0 / x.Shape.Count);

        /// <summary>A constant in every element of a shape.</summary>
        public Node Fill(DType type, Shape shape, double value) => graph.Apply(new FillOp(type, shape, value));

        /// <summary>op(a) op(b) for matrices; a transposed operand is stored (columns, rows).</summary>
        /// <remarks>In full precision, so are its gradients, whatever <see cref="PlanOptions.Precision"/> is.</remarks>
        public Node MatMul(
            Node a, Node b, bool transposeA = false, bool transposeB = false, bool fullPrecision = false) =>
            graph.Apply(new MatMulOp(transposeA, transposeB, FullPrecision: fullPrecision), a, b);

        /// <summary>x (N,C) times w (K,C) transposed, plus bias (K) unless it is default: (N,K).</summary>
        public Node Linear(Node x, Node weight, Node? bias = null, bool fullPrecision = false)
        {
            var y = graph.MatMul(x, weight, transposeB: true, fullPrecision: fullPrecision);
            return bias is { } b ? graph.AddChannels(y, b) : y;
        }

        /// <summary>Cross-correlation of x (N,H,W,C) with w (K,R,S,C): (N,OH,OW,K).</summary>
        public Node Conv2d(Node x, Node weight, int stride = 1, int padding = 0) =>
            graph.Apply(new Conv2dOp(stride, stride, padding, padding), x, weight);

        /// <summary>Mean and biased variance per channel of x (...,C): (2,C).</summary>
        public Node BatchMoments(Node x) => graph.Apply(new BatchMomentsOp(), x);

        /// <summary>
        /// Batch norm of x (...,C) with the batch's moments; gradients pass through mean and variance.
        /// </summary>
        public Node BatchNorm(Node x, Node moments, Node gamma, Node beta, double epsilon = 1e-5) =>
            graph.Apply(new BatchNormOp(epsilon), x, moments, gamma, beta);

        /// <summary>Batch norm of x (...,C) with running moments (2,C), which are constants.</summary>
        public Node BatchNormEval(Node x, Node running, Node gamma, Node beta, double epsilon = 1e-5) =>
            graph.ChannelAffine(x, graph.Apply(new FoldMomentsOp(epsilon), gamma, beta, running));

        /// <summary>x (...,C) times a scale plus a shift per channel, both rows of affine (2,C).</summary>
        public Node ChannelAffine(Node x, Node affine) => graph.Apply(new ChannelAffineOp(), x, affine);

        /// <summary>
        /// Moves running moments towards the batch's when the plan runs, unless the status is non-zero.
        /// </summary>
        public void UpdateRunningMoments(
            Tensor running, Node moments, long rows, Tensor status, double momentum = 0.1) =>
            graph.Apply(new UpdateRunningMomentsOp(momentum, rows), graph.Bind(running), moments, graph.Bind(status));

        /// <summary>Maximum over windows; the first of equal values gets the gradient.</summary>
        public Node MaxPool2d(Node x, int size, int? stride = null, int padding = 0) =>
            graph.Apply(new MaxPool2dOp(size, stride ?? size, padding), x);

        /// <summary>Mean over windows; padding counts as zeros, as PyTorch's default does.</summary>
        public Node AvgPool2d(Node x, int size, int? stride = null, int padding = 0) =>
            graph.Apply(new AvgPool2dOp(size, stride ?? size, padding), x);

        /// <summary>Mean over height and width: (N,H,W,C) to (N,C).</summary>
        public Node GlobalAvgPool(Node x) => graph.Apply(new GlobalAvgPoolOp(), x);

        /// <summary>Cross-entropy of logits (N,K) against int32 labels (N), per sample: (N).</summary>
        /// <remarks>With smoothing s the target is (1-s) at the label plus s/K everywhere.</remarks>
        public Node SoftmaxCrossEntropy(Node logits, Node labels, double smoothing = 0) =>
            graph.Apply(new SoftmaxCrossEntropyOp(smoothing), logits, labels);

        /// <summary>KL(softmax(p) || softmax(q)) per sample, for logits p and q (N,K): (N).</summary>
        public Node KlDivergence(Node p, Node q) => graph.Apply(new KlDivergenceOp(), p, q);

        /// <summary>
        /// Largest wrong logit minus the label's logit, per sample: (N). The margin loss of Carlini and Wagner.
        /// </summary>
        public Node Margin(Node logits, Node labels) => graph.Apply(new MarginOp(), logits, labels);

        /// <summary>One where the label stands, zero elsewhere: int32 (N) to (N, classes).</summary>
        public Node OneHot(Node labels, int classes, DType type) => graph.Apply(new OneHotOp(classes, type), labels);

        /// <summary>Index of the largest logit, the first of equal ones: (N,K) to int32 (N).</summary>
        public Node ArgMax(Node logits) => graph.Apply(new ArgMaxOp(), logits);
    }
}
