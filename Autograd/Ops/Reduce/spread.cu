// The transpose of a sum: one number over everything, over a row, or over a channel.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=40
#include "codat_common.cuh"

struct SpreadArgs {
    const A* x;
    T* y;
    i64 count;
    i64 run;              // elements of a row, or channels
    int kind, unused;
};
static_assert(sizeof(SpreadArgs) == ARGS_SIZE, "the host's struct differs");

// The numbers of ReduceKind on the host.
enum Kind { All, PerRow, Channels };

// grid: one thread for each 4 elements; block: 256
// shared: none
// reads: x; writes: y
// a copy
extern "C" __global__ void __launch_bounds__(256) spread(SpreadArgs args) {
    const i64 first = 4 * thread_index();
    const i64 last = first + 4 < args.count ? first + 4 : args.count;
    for (i64 at = first; at < last; at++) {
        const i64 from = args.kind == All ? 0 : args.kind == PerRow ? at / args.run : at % args.run;
        args.y[at] = narrow<T>(args.x[from]);
    }
}
