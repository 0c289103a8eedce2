using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record PgdStartOp : ICudaOp
{
    private enum CudaKind
    {
        Zero,
        Box,
        Ball,
        Gaussian,
    }

    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var y = signature.Output;
        var kind = Start switch
        {
            AttackStart.Zero => CudaKind.Zero,
            AttackStart.Uniform => Norm == Norm.Linf ? CudaKind.Box : CudaKind.Ball,
            _ => CudaKind.Gaussian,
        };
        var args = new PgdStartArgs
        {
            Samples = y.Shape[0], Run = y.Shape.Count / Math.Max(1, y.Shape[0]), Seed = Seed, Epsilon = Epsilon,
            Deviation = GaussianDeviation, Purpose = (int)Purpose, Kind = (int)kind,
            Budget = AttackBudgetArgs.Of(signature, Budget),
        };
        var isBall = kind == CudaKind.Ball;
        var kernel = device.Kernel<PgdStartArgs>(
            "pgd_start.cu", isBall ? "pgd_start_in_ball" : "pgd_start", CudaVariants.For(y.Type));
        var shape = isBall
            ? LaunchShape.ForRows(args.Samples)
            : LaunchShape.ForElements(args.Samples * ((args.Run + 3) / 4), block: 128);
        return new LaunchKernel<PgdStartArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            Clean = call.Input(0), Ids = call.Input(1), Counters = call.Input(2), Y = call.Output,
            Budget = args.Budget.At(call, Budget),
        }));
    }
}

internal sealed partial record PgdStepOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var x = signature.Input(0);
        var options = CudaVariants.For(x.Type);
        var args = new PgdStepArgs
        {
            Epsilon = Epsilon, Step = Step, Run = x.Shape.Count / Math.Max(1, x.Shape[0]),
            Budget = AttackBudgetArgs.Of(signature, Budget),
        };
        if (Norm == Norm.L2)
        {
            var images = LaunchShape.ForRows(x.Shape[0]);
            return new LaunchKernel<PgdStepArgs>(
                device.Kernel<PgdStepArgs>("pgd_step.cu", "pgd_step_l2", options), (in CudaCall call) =>
                    new(images, args with
                    {
                        X = call.Input(0), Gradient = call.Input(1), Clean = call.Input(2),
                        Budget = args.Budget.At(call, Budget),
                    }));
        }
        // A pack must not lie across two images that have budgets of their own.
        var entry = args.Budget.IsThere ? "pgd_step_linf_each" : "pgd_step_linf";
        var isSplit = args.Budget.IsThere && args.Run % CudaVariants.Wide(x.Type) != 0;
        return new LaunchKernel<PgdStepArgs>(
            device.Kernel<PgdStepArgs>("pgd_step.cu", entry, options), (in CudaCall call) =>
            {
                var split = isSplit
                    ? PackSplit.None(x.Shape.Count)
                    : PackSplit.Of(x.Type, x.Shape.Count, call.Input(0), call.Input(1), call.Input(2));
                return new(split.Shape, args with
                {
                    X = call.Input(0), Gradient = call.Input(1), Clean = call.Input(2),
                    Count = split.Count, Packs = split.Packs, Budget = args.Budget.At(call, Budget),
                });
            });
    }
}

/// <summary>Arguments of <c>pgd_start.cu</c>.</summary>
internal struct PgdStartArgs
{
    public ulong Clean, Ids, Counters, Y;
    public long Samples, Run;
    public ulong Seed;
    public double Epsilon, Deviation;
    public int Purpose, Kind;
    public AttackBudgetArgs Budget;
}

/// <summary>Arguments of <c>pgd_step.cu</c>.</summary>
internal struct PgdStepArgs
{
    public ulong X, Gradient, Clean;
    public long Count, Packs, Run;
    public double Epsilon, Step;
    public AttackBudgetArgs Budget;
}

/// <summary>Budgets of <c>attack_budget.cuh</c>; without columns, none.</summary>
internal struct AttackBudgetArgs
{
    public ulong Table, Column;
    public long Columns;

    public readonly bool IsThere => Columns > 0;

    public static AttackBudgetArgs Of(in OpSignature signature, int at) =>
        new() { Columns = signature.InputCount > at ? signature.Input(at).Shape[1] : 0 };

    /// <summary>The same with the addresses of a call.</summary>
    public readonly AttackBudgetArgs At(in CudaCall call, int at) =>
        IsThere ? this with { Table = call.Input(at), Column = call.Input(at + 1) } : this;
}
