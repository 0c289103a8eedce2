// One step of stochastic gradient descent over flat arenas.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=80
#include "codat_common.cuh"

struct SgdStepArgs {
    T* weights;
    T* velocity;
    const T* gradient;
    const T* rate;            // (1)
    const int* status;        // a non-zero one skips the step
    i64 count, packs;
    double momentum, decay;
    int is_nesterov, unused;
};
static_assert(sizeof(SgdStepArgs) == ARGS_SIZE, "the host's struct differs");

struct Sgd {
    template <int V> static __device__ __forceinline__ void run(const SgdStepArgs& args, i64 at) {
        const A rate = args.rate[0], momentum = A(args.momentum), decay = A(args.decay);
        A w[V], v[V], g[V];
        read<V>(args.weights + at, w);
        read<V>(args.velocity + at, v);
        read<V>(args.gradient + at, g);
#pragma unroll
        for (int i = 0; i < V; i++) {
            g[i] = g[i] + decay * w[i];
            v[i] = momentum * v[i] + g[i];
            w[i] = w[i] - rate * (args.is_nesterov ? g[i] + momentum * v[i] : v[i]);
        }
        write<V>(args.velocity + at, v);
        write<V>(args.weights + at, w);
    }
};

// grid: one thread for each pack of 16 bytes and each element of the rest; block: 256
// shared: none
// reads: gradient, rate, status; writes: weights, velocity, unless a step has failed
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) sgd_step(SgdStepArgs args) {
    if (args.status[0] == 0) each_pack<Sgd>(args);
}
