// Work of batch norm on per-channel tables: running moments, and moments folded into scale and shift.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=64
#include "codat_common.cuh"

struct BatchNormTablesArgs {
    const A* gamma;       // fold
    const A* beta;        // fold
    const A* moments;     // fold: running moments; update: the batch's
    A* y;                 // fold: scale and shift; update: running moments
    const int* status;    // update: a non-zero one leaves them
    double parameter;     // fold: epsilon; update: momentum
    double unbias;        // update: rows / (rows - 1)
    int channels, unused;
};
static_assert(sizeof(BatchNormTablesArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one thread for each channel; block: 128
// shared: none
// reads: moments, status; writes: y in place, unless a step has failed
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(128) update_running_moments(BatchNormTablesArgs args) {
    const int c = static_cast<int>(thread_index());
    if (c >= args.channels || args.status[0] != 0) return;
    const A momentum = A(args.parameter);
    const A unbias = A(args.unbias);
    const int v = args.channels + c;
    args.y[c] = (A(1) - momentum) * args.y[c] + momentum * args.moments[c];
    args.y[v] = (A(1) - momentum) * args.y[v] + momentum * (args.moments[v] * unbias);
}

// grid: one thread for each channel; block: 128
// shared: none
// reads: gamma, beta, moments; writes: y
// the same bits as on the host; in double, rounded at the end
extern "C" __global__ void __launch_bounds__(128) fold_moments(BatchNormTablesArgs args) {
    const int c = static_cast<int>(thread_index());
    if (c >= args.channels) return;
    const double scale = args.gamma[c] / sqrt(args.moments[args.channels + c] + args.parameter);
    args.y[c] = A(scale);
    args.y[args.channels + c] = A(args.beta[c] - args.moments[c] * scale);
}
