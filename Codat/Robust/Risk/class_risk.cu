// Per class over per-sample losses and labels: sum, sum of squares and count; and a table's value for each label.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=40
#include "codat_common.cuh"

struct ClassRiskArgs {
    const T* loss;            // risk: (N)
    const int* labels;        // (N)
    void* y;                  // risk: double (3, K); gather: (N)
    const double* table;      // gather: (K)
    int samples, classes;
};
static_assert(sizeof(ClassRiskArgs) == ARGS_SIZE, "the host's struct differs");

// grid: a block for each class; block: 256
// shared: 256 bytes
// reads: loss, labels; writes: y (3, K); a label that is no class makes every sum not-a-number, for the sentinel to see
// double; each thread sums every 256th sample, then warps, then their sums in order; no atomics
extern "C" __global__ void __launch_bounds__(256) class_risk(ClassRiskArgs args) {
    __shared__ double shared[32];
    const int own = blockIdx.x;
    double sum = 0, squares = 0, count = 0;
    for (int n = threadIdx.x; n < args.samples; n += 256) {
        const int label = args.labels[n];
        if (!is_label(label, args.classes)) sum = not_a_number();
        if (label != own) continue;
        const double value = args.loss[n];
        sum += value;
        squares += value * value;
        count += 1;
    }
    sum = block_sum(sum, shared);
    squares = block_sum(squares, shared);
    count = block_sum(count, shared);
    if (threadIdx.x != 0) return;
    double* y = static_cast<double*>(args.y);
    y[own] = sum;
    y[args.classes + own] = squares;
    y[2 * args.classes + own] = count;
}

// grid: one thread for each sample; block: 256
// shared: none
// reads: table, labels; writes: y (N), not-a-number where a label is no class
// a copy
extern "C" __global__ void __launch_bounds__(256) gather_by_label(ClassRiskArgs args) {
    const i64 n = thread_index();
    if (n >= args.samples) return;
    const int label = args.labels[n];
    static_cast<T*>(args.y)[n] = A(is_label(label, args.classes) ? args.table[label] : not_a_number());
}
