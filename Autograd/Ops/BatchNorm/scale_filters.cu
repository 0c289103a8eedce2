// Weights (K,R,S,C) with each output channel multiplied by its scale: batch norm folded into a convolution.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=48
// variants: fmad=false ELEMENT=bf16 ARGS_SIZE=48
#include "codat_common.cuh"

struct ScaleFiltersArgs {
    const A* weights;
    const A* scale;
    T* y;
    i64 count, run;       // elements in all, and of one filter
    i64 unused;
};
static_assert(sizeof(ScaleFiltersArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one thread for each 4 elements; block: 256
// shared: none
// reads: weights, scale; writes: y, in bf16 where a convolution wants that
// the same bits for any place of an element
extern "C" __global__ void __launch_bounds__(256) scale_filters(ScaleFiltersArgs args) {
    const i64 first = 4 * thread_index();
    const i64 last = first + 4 < args.count ? first + 4 : args.count;
    for (i64 at = first; at < last; at++) args.y[at] = narrow<T>(args.weights[at] * args.scale[at / args.run]);
}
