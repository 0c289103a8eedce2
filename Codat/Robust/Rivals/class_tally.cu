// What an epoch's attacked samples come to, class by class: right predictions, mean probabilities.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=48
#include "codat_common.cuh"
#include "portable_math.cuh"

struct ClassTallyArgs {
    double* table;         // hits: (2, K); softmax: (K, K + 1)
    const T* logits;       // softmax: (N, K)
    const int* predicted;  // hits: (N)
    const int* labels;     // (N)
    const int* status;     // not 0 after a failed step, which is not counted
    int samples, classes;
};
static_assert(sizeof(ClassTallyArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one thread for each class; block: 256
// shared: none
// reads: predicted, labels, status; writes: table in place
// whole numbers: the host's bits
extern "C" __global__ void __launch_bounds__(256) hit_tally(ClassTallyArgs args) {
    const i64 own = thread_index();
    if (own >= args.classes || args.status[0] != 0) return;
    int right = 0, seen = 0;
    for (int n = 0; n < args.samples; n++) {
        if (args.labels[n] != own) continue;
        seen++;
        if (args.predicted[n] == own) right++;
    }
    args.table[own] += right;
    args.table[args.classes + own] += seen;
}

// grid: a block for each class; block: 256
// shared: none
// reads: logits, labels, status; writes: table in place, each thread its own columns of the block's row
// double, samples and classes in order, every thread sums the exponentials for itself: the host's bits
extern "C" __global__ void __launch_bounds__(256) softmax_tally(ClassTallyArgs args) {
    if (args.status[0] != 0) return;
    const int own = blockIdx.x;
    double* row = args.table + static_cast<i64>(own) * (args.classes + 1);
    for (int n = 0; n < args.samples; n++) {
        if (args.labels[n] != own) continue;
        const T* z = args.logits + static_cast<i64>(n) * args.classes;
        double most = z[0], total = 0;
        for (int k = 1; k < args.classes; k++) most = fmax(most, static_cast<double>(z[k]));
        for (int k = 0; k < args.classes; k++) total += portable::exp(z[k] - most);
        for (int k = threadIdx.x; k < args.classes; k += 256) row[k] += portable::exp(z[k] - most) / total;
        if (threadIdx.x == 0) row[args.classes] += 1;
    }
}
