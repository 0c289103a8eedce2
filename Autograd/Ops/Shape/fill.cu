// One number in every element.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=32
#include "codat_common.cuh"

struct FillArgs {
    T* y;
    i64 count, packs;
    double value;
};
static_assert(sizeof(FillArgs) == ARGS_SIZE, "the host's struct differs");

struct Fill {
    template <int V> static __device__ __forceinline__ void run(const FillArgs& args, i64 at) {
        A v[V];
#pragma unroll
        for (int i = 0; i < V; i++) v[i] = A(args.value);
        write<V>(args.y + at, v);
    }
};

// grid: one thread for each pack of 16 bytes and each element of the rest; block: 256
// shared: none
// reads: nothing; writes: y
// every element is the same
extern "C" __global__ void __launch_bounds__(256) fill(FillArgs args) {
    each_pack<Fill>(args);
}
