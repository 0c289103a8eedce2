// AWP's perturbation of one weight tensor, in place: w += gamma |w| g / |g|.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=56
#include "codat_common.cuh"

struct WeightPerturbArgs {
    T* weights;
    const T* gradient;
    const int* status;    // a non-zero one leaves the weights alone
    double* partial;      // (parts, 2): sums of squares of weights and gradient
    i64 count;
    double gamma;
    int parts, unused;
};
static_assert(sizeof(WeightPerturbArgs) == ARGS_SIZE, "the host's struct differs");

/// The elements of a block: a run of them.
struct Part {
    i64 first, last;

    __device__ explicit Part(const WeightPerturbArgs& args) {
        const i64 length = (args.count + args.parts - 1) / args.parts;
        first = blockIdx.x * length;
        last = first + length < args.count ? first + length : args.count;
    }
};

// grid: the parts, a function of the length; block: 256
// shared: 256 bytes
// reads: weights, gradient; writes: partial
// double accumulators; each thread sums every 256th element, then warps, then their sums in order
extern "C" __global__ void __launch_bounds__(256) weight_norms(WeightPerturbArgs args) {
    __shared__ double shared[32];
    const Part part(args);
    double own = 0, other = 0;
    for (i64 i = part.first + threadIdx.x; i < part.last; i += 256) {
        const double w = widen(args.weights[i]), g = widen(args.gradient[i]);
        own += w * w;
        other += g * g;
    }
    own = block_sum(own, shared);
    other = block_sum(other, shared);
    if (threadIdx.x != 0) return;
    args.partial[2 * blockIdx.x] = own;
    args.partial[2 * blockIdx.x + 1] = other;
}

// grid: the parts; block: 256
// shared: 256 bytes
// reads: partial, gradient, status; writes: weights, unless a step has failed or the gradient is 0
// every block adds all parts, in the same order
extern "C" __global__ void __launch_bounds__(256) weight_perturb(WeightPerturbArgs args) {
    __shared__ double shared[32];
    if (args.status[0] != 0) return;
    double own = 0, other = 0;
    for (int i = threadIdx.x; i < args.parts; i += 256) {
        own += args.partial[2 * i];
        other += args.partial[2 * i + 1];
    }
    own = block_sum(own, shared);
    other = block_sum(other, shared);
    if (!(other > 0)) return;
    const A scale = A(args.gamma * sqrt(own / other));
    const Part part(args);
    for (i64 i = part.first + threadIdx.x; i < part.last; i += 256) args.weights[i] += scale * args.gradient[i];
}
