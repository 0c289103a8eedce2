// Largest wrong logit minus the label's, and its gradient.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=48
#include "logits.cuh"

struct MarginArgs {
    const T* logits;
    const int* labels;
    const A* loss_gradient;   // gradient only
    void* y;                  // margins (N), or gradient (N,K)
    i64 rows;
    int classes, unused;
};
static_assert(sizeof(MarginArgs) == ARGS_SIZE, "the host's struct differs");

/// The wrong class the margin is to: the last NaN if there is one, else the first of the largest.
__device__ __forceinline__ int strongest_wrong(const T* row, int label, int classes) {
    int best = -1;
    A value = 0;
    for (int k = lane_of_warp(); k < classes; k += 32) {
        const A z = widen(row[k]);
        if (k == label || !(best < 0 || z > value || z != z)) continue;
        best = k;
        value = z;
    }
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes >>= 1) {
        const int other = __shfl_xor_sync(ALL_LANES, best, lanes);
        const A z = __shfl_xor_sync(ALL_LANES, value, lanes);
        const bool is_nan = value != value, is_other_nan = z != z;
        const bool wins = other >= 0
            && (best < 0 || (is_other_nan ? !is_nan || other > best
                                          : !is_nan && (z > value || (z == value && other < best))));
        best = wins ? other : best;
        value = wins ? z : value;
    }
    return best;
}

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: logits, labels; writes: y (N), not-a-number where a label is no class
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) margin(MarginArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const T* row = args.logits + n * args.classes;
    const int label = args.labels[n];
    const int wrong = strongest_wrong(row, label, args.classes);
    if (lane_of_warp() != 0) return;
    static_cast<A*>(args.y)[n] =
        is_label(label, args.classes) ? A(widen(row[wrong]) - widen(row[label])) : A(not_a_number());
}

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: logits, labels, loss_gradient; writes: y (N,K), not-a-number where a label is no class
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) margin_gradient(MarginArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const int label = args.labels[n];
    const int wrong = strongest_wrong(args.logits + n * args.classes, label, args.classes);
    const A d = args.loss_gradient[n];
    for (int k = lane_of_warp(); k < args.classes; k += 32) {
        const A value = k == wrong ? d : k == label ? -d : A(0);
        static_cast<T*>(args.y)[n * args.classes + k] =
            narrow<T>(is_label(label, args.classes) ? value : A(not_a_number()));
    }
}
