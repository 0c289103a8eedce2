// One projected ascent step in place: sign or normalise the gradient, step, project onto the ball, clip to [0,1].
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=88
#include "attack_budget.cuh"

struct PgdStepArgs {
    T* x;
    const T* gradient;
    const T* clean;
    i64 count, packs;     // linf
    i64 run;              // elements of an image
    double epsilon, step;
    AttackBudget budget;
};
static_assert(sizeof(PgdStepArgs) == ARGS_SIZE, "the host's struct differs");

template <bool EACH> struct SignStep {
    template <int V> static __device__ __forceinline__ void run(const PgdStepArgs& args, i64 at) {
        const A epsilon = A(EACH ? args.epsilon * args.budget.radius(at / args.run) : args.epsilon);
        const A step = A(EACH ? args.step * args.budget.step(at / args.run) : args.step);
        A x[V], g[V], c[V];
        read<V>(args.x + at, x);
        read<V>(args.gradient + at, g);
        read<V>(args.clean + at, c);
#pragma unroll
        for (int i = 0; i < V; i++) {
            const A moved = x[i] + (g[i] > A(0) ? step : g[i] < A(0) ? -step : A(0));
            x[i] = clamp(clamp(moved, c[i] - epsilon, c[i] + epsilon), A(0), A(1));
        }
        write<V>(args.x + at, x);
    }
};

// grid: one thread for each pack of 16 bytes and each element of the rest; block: 256
// shared: none
// reads: gradient, clean; writes: x in place
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) pgd_step_linf(PgdStepArgs args) {
    each_pack<SignStep<false>>(args);
}

// grid: as above, elements alone where an image is no whole number of packs; block: 256
// shared: none
// reads: gradient, clean, budget; writes: x in place
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) pgd_step_linf_each(PgdStepArgs args) {
    each_pack<SignStep<true>>(args);
}

// grid: a block for each image; block: 256
// shared: 256 bytes
// reads: gradient, clean, budget; writes: x in place, by each thread its own elements
// both lengths are summed in double by threads, then warps, then their sums in order
extern "C" __global__ void __launch_bounds__(256) pgd_step_l2(PgdStepArgs args) {
    __shared__ double shared[32];
    T* x = args.x + blockIdx.x * args.run;
    const T* gradient = args.gradient + blockIdx.x * args.run;
    const T* clean = args.clean + blockIdx.x * args.run;
    const bool has_budget = args.budget.columns > 0;
    const double epsilon = args.epsilon * (has_budget ? args.budget.radius(blockIdx.x) : 1);
    const double step = args.step * (has_budget ? args.budget.step(blockIdx.x) : 1);
    double square = 0;
    for (i64 i = threadIdx.x; i < args.run; i += 256) square += static_cast<double>(gradient[i]) * gradient[i];
    const double norm = sqrt(block_sum(square, shared));

    const A factor = A(step / norm);
    // A confident network's gradient can be so small that the factor overflows while the step itself does not.
    const bool is_finite = factor - factor == A(0);
    square = 0;
    for (i64 i = threadIdx.x; i < args.run; i += 256) {
        A moved = x[i];
        if (norm > 0) {
            if (is_finite) moved = gradient[i] * factor + moved;
            else moved += A(step * (static_cast<double>(gradient[i]) / norm));
        }
        const A change = moved - clean[i];
        x[i] = change;
        square += static_cast<double>(change) * change;
    }
    const double length = sqrt(block_sum(square, shared));
    const A scale = length > epsilon ? A(epsilon / length) : A(1);
    for (i64 i = threadIdx.x; i < args.run; i += 256) x[i] = clamp(clean[i] + scale * x[i], A(0), A(1));
}
