// Sums of contiguous runs: of each row, or of the whole tensor in parts.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=40
#include "codat_common.cuh"

struct RowSumsArgs {
    const T* x;
    A* y;
    double* partial;      // (parts) doubles where a run is cut into parts, else null
    i64 run;
    int parts, unused;
};
static_assert(sizeof(RowSumsArgs) == ARGS_SIZE, "the host's struct differs");

// grid: (runs, parts), the parts a function of the length; block: 256
// shared: 256 bytes
// reads: x; writes: y (runs), or partial where there are parts
// double accumulators; each thread sums every 256th element, then warps, then their sums in order
extern "C" __global__ void __launch_bounds__(256) row_sums(RowSumsArgs args) {
    __shared__ double shared[32];
    const i64 length = (args.run + args.parts - 1) / args.parts;
    const i64 first = blockIdx.y * length;
    const i64 last = first + length < args.run ? first + length : args.run;
    const T* x = args.x + blockIdx.x * args.run;
    double sum = 0;
    for (i64 i = first + threadIdx.x; i < last; i += 256) sum += widen(x[i]);
    sum = block_sum(sum, shared);
    if (threadIdx.x != 0) return;
    if (args.partial != nullptr) args.partial[blockIdx.y] = sum;
    else args.y[blockIdx.x] = A(sum);
}

// grid: 1; block: 256
// shared: 256 bytes
// reads: partial; writes: y (1)
// double accumulators, in the same order as above
extern "C" __global__ void __launch_bounds__(256) row_sums_finish(RowSumsArgs args) {
    __shared__ double shared[32];
    double sum = 0;
    for (int i = threadIdx.x; i < args.parts; i += 256) sum += args.partial[i];
    sum = block_sum(sum, shared);
    if (threadIdx.x == 0) args.y[0] = A(sum);
}
