// The first iterate of an attack: the clean image plus a start inside the ball, clipped to [0,1].
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=104
#include "attack_budget.cuh"

struct PgdStartArgs {
    const T* clean;
    const int* ids;       // (N)
    const int* counters;  // epoch, restart
    T* y;
    i64 samples, run;     // run: elements of an image
    u64 seed;
    double epsilon;
    double deviation;     // Gaussian
    int purpose, kind;
    AttackBudget budget;
};
static_assert(sizeof(PgdStartArgs) == ARGS_SIZE, "the host's struct differs");

enum Kind { Zero, Box, Ball, Gaussian };

__device__ __forceinline__ Words words_at(const PgdStartArgs& args, i64 sample, u32 four) {
    return philox(args.seed, args.ids[sample], args.counters[0], philox_use(args.purpose, args.counters[1]), four);
}

__device__ __forceinline__ double radius_of(const PgdStartArgs& args, i64 sample) {
    return args.budget.columns > 0 ? args.epsilon * args.budget.radius(sample) : args.epsilon;
}

__device__ __forceinline__ int rest_of(const PgdStartArgs& args, i64 first) {
    return args.run - first < 4 ? static_cast<int>(args.run - first) : 4;
}

// grid: one thread for each 4 elements of an image; block: 128
// shared: none
// reads: clean, ids, counters, budget; writes: y; for every start but the one in the l2 ball
// the words are the host's; Zero and Box give its bits
extern "C" __global__ void __launch_bounds__(128) pgd_start(PgdStartArgs args) {
    const i64 fours = (args.run + 3) / 4;
    const i64 i = thread_index();
    const i64 sample = i / fours;
    if (sample >= args.samples) return;
    const i64 four = i - sample * fours;
    const T* clean = args.clean + sample * args.run + 4 * four;
    T* y = args.y + sample * args.run + 4 * four;
    const int count = rest_of(args, 4 * four);
    if (args.kind == Zero) {
        for (int j = 0; j < count; j++) y[j] = clean[j];
        return;
    }
    const Words words = words_at(args, sample, static_cast<u32>(four));
    double values[4];
    if (args.kind == Gaussian) {
        normals(words, values);
    } else {
        for (int j = 0; j < 4; j++) values[j] = 2 * uniform(words.at[j]) - 1;
    }
    const A scale = A(args.kind == Gaussian ? args.deviation : radius_of(args, sample));
    for (int j = 0; j < count; j++) y[j] = clamp(clean[j] + scale * A(values[j]), A(0), A(1));
}

// grid: a block for each image; block: 256
// shared: 256 bytes
// reads: clean, ids, counters, budget; writes: y, first with normal numbers, then with the start
// the squared length is summed in double by threads, then warps, then their sums in order
extern "C" __global__ void __launch_bounds__(256) pgd_start_in_ball(PgdStartArgs args) {
    __shared__ double shared[32];
    const i64 sample = blockIdx.x;
    const T* clean = args.clean + sample * args.run;
    T* y = args.y + sample * args.run;
    double square = 0;
    for (i64 first = 4 * threadIdx.x; first < args.run; first += 4 * 256) {
        double values[4];
        normals(words_at(args, sample, static_cast<u32>(first / 4)), values);
        for (int j = 0; j < rest_of(args, first); j++) {
            const A v = A(values[j]);
            y[first + j] = v;
            square += static_cast<double>(v) * v;
        }
    }
    square = block_sum(square, shared);

    // The radius of a uniform point of a d-ball is u^(1/d).
    const float u = uniform(words_at(args, sample, 0xFFFFFFFFu).at[0]);
    const double radius =
        radius_of(args, sample) * pow((u * 16777216.0 + 0.5) / 16777216.0, 1.0 / static_cast<double>(args.run));
    const A scale = square > 0 ? A(radius / sqrt(square)) : A(0);
    for (i64 first = 4 * threadIdx.x; first < args.run; first += 4 * 256)
        for (int j = 0; j < rest_of(args, first); j++)
            y[first + j] = clamp(clean[first + j] + scale * y[first + j], A(0), A(1));
}
