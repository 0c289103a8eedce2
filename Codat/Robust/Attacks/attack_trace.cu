// Notes what an attack sees before a step: counts over an image's values, and its loss.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=88
#include "codat_common.cuh"

struct AttackTraceArgs {
    int* counts;           // (N, S, 4): at the bound, zero, no finite number, changed signs
    A* losses;             // (N, S)
    T* before;             // (N, run), the gradient of the step before
    const int* taken;      // (N)
    const T* x;
    const T* gradient;
    const T* clean;
    const A* loss;         // (N)
    i64 run;               // elements of an image
    double bound;
    int steps, is_l2;
};
static_assert(sizeof(AttackTraceArgs) == ARGS_SIZE, "the host's struct differs");

// grid: a block for each image; block: 256
// shared: 256 bytes
// reads: all; writes: one row of counts and losses, before in place by each thread its own elements
// the same counts as on the host, but for a length in l2 within rounding of the bound: sums of whole numbers
extern "C" __global__ void __launch_bounds__(256) attack_trace(AttackTraceArgs args) {
    __shared__ double shared[32];
    const i64 n = blockIdx.x;
    const int step = args.taken[n];
    if (step >= args.steps) return;
    const T* x = args.x + n * args.run;
    const T* gradient = args.gradient + n * args.run;
    const T* clean = args.clean + n * args.run;
    T* before = args.before + n * args.run;
    const A bound = A(args.bound);
    double at_bound = 0, square = 0, zeros = 0, bad = 0, flips = 0;
    for (i64 i = threadIdx.x; i < args.run; i += 256) {
        const A g = gradient[i], p = before[i], change = x[i] - clean[i];
        at_bound += (change < A(0) ? -change : change) >= bound;
        square += static_cast<double>(change) * change;
        zeros += g == A(0);
        bad += !(g - g == A(0));
        flips += (g > A(0) && p < A(0)) || (g < A(0) && p > A(0));
        before[i] = g;
    }
    if (args.is_l2) {
        at_bound = sqrt(block_sum(square, shared)) >= args.bound ? static_cast<double>(args.run) : 0;
    } else {
        at_bound = block_sum(at_bound, shared);
    }
    zeros = block_sum(zeros, shared);
    bad = block_sum(bad, shared);
    flips = block_sum(flips, shared);
    if (threadIdx.x != 0) return;
    const i64 at = n * args.steps + step;
    int* row = args.counts + 4 * at;
    row[0] = static_cast<int>(at_bound);
    row[1] = static_cast<int>(zeros);
    row[2] = static_cast<int>(bad);
    row[3] = step == 0 ? -1 : static_cast<int>(flips);
    args.losses[at] = args.loss[n];
}
