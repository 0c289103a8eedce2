// Exponential weights of a bandit over classes, with the bits of the host.
// variants: fmad=false ARGS_SIZE=64
#include "codat_common.cuh"
#include "portable_math.cuh"

struct BanditArgs {
    double* weights;       // (K)
    const double* prior;   // (K)
    const int* predicted;  // (N)
    const int* labels;     // (N)
    const int* status;     // not 0 after a failed step, which changes nothing
    double gamma, rate;
    int samples, classes;
};
static_assert(sizeof(BanditArgs) == ARGS_SIZE, "the host's struct differs");

// grid: 1; block: 256
// shared: none
// reads: prior, predicted, labels, status; writes: weights in place, each thread its own classes
// double, classes in order, every thread sums the exponentials for itself: the host's bits
extern "C" __global__ void __launch_bounds__(256) bandit(BanditArgs args) {
    if (args.status[0] != 0) return;
    double most = -portable::infinity(), total = 0;
    for (int k = 0; k < args.classes; k++)
        if (args.prior[k] > 0) most = fmax(most, args.weights[k]);
    for (int k = 0; k < args.classes; k++)
        if (args.prior[k] > 0) total += portable::exp(args.weights[k] - most);
    __syncthreads();
    for (int k = threadIdx.x; k < args.classes; k += 256) {
        int wrong = 0;
        for (int n = 0; n < args.samples; n++)
            if (args.labels[n] == k && args.predicted[n] != k) wrong++;
        const double likely = args.prior[k] > 0 ? portable::exp(args.weights[k] - most) : 0;
        const double share = args.gamma * args.prior[k] + (1 - args.gamma) * (likely / total);
        if (wrong > 0 && share > 0) args.weights[k] += wrong * (args.rate / share);
    }
}
