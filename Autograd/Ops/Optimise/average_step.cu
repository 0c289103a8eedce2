// An exponential average of weights, in place.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=48
#include "codat_common.cuh"

struct AverageStepArgs {
    T* average;
    const T* weights;
    const int* status;        // a non-zero one skips the step
    i64 count, packs;
    double share;
};
static_assert(sizeof(AverageStepArgs) == ARGS_SIZE, "the host's struct differs");

struct Average {
    template <int V> static __device__ __forceinline__ void run(const AverageStepArgs& args, i64 at) {
        A a[V], w[V];
        read<V>(args.average + at, a);
        read<V>(args.weights + at, w);
#pragma unroll
        for (int i = 0; i < V; i++) a[i] += A(args.share) * (w[i] - a[i]);
        write<V>(args.average + at, a);
    }
};

// grid: one thread for each pack of 16 bytes and each element of the rest; block: 256
// shared: none
// reads: weights, status; writes: average, unless a step has failed
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) average_step(AverageStepArgs args) {
    if (args.status[0] == 0) each_pack<Average>(args);
}
