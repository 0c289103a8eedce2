// Labels to rows and back: one-hot targets, and the index of the largest logit.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=32
#include "logits.cuh"

struct LabelsArgs {
    const void* x;        // labels (N), or logits (N,K)
    void* y;              // one-hot rows (N,K), or indices (N)
    i64 rows;
    int classes, unused;
};
static_assert(sizeof(LabelsArgs) == ARGS_SIZE, "the host's struct differs");

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: x (labels); writes: y (N,K), not-a-number where a label is no class
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) one_hot(LabelsArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const int label = static_cast<const int*>(args.x)[n];
    for (int k = lane_of_warp(); k < args.classes; k += 32) {
        const A value = is_label(label, args.classes) ? A(k == label ? 1 : 0) : A(not_a_number());
        static_cast<T*>(args.y)[n * args.classes + k] = narrow<T>(value);
    }
}

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: x (logits); writes: y (N): the first of the largest, -1 for a row with a NaN
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) arg_max(LabelsArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const T* row = static_cast<const T*>(args.x) + n * args.classes;
    int best = -1;
    A value = 0;
    bool has_nan = false;
    for (int k = lane_of_warp(); k < args.classes; k += 32) {
        const A z = widen(row[k]);
        has_nan = has_nan || z != z;
        if (best >= 0 && !(z > value)) continue;
        best = k;
        value = z;
    }
    has_nan = __any_sync(ALL_LANES, has_nan);
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes >>= 1) {
        const int other = __shfl_xor_sync(ALL_LANES, best, lanes);
        const A z = __shfl_xor_sync(ALL_LANES, value, lanes);
        const bool wins = other >= 0 && (best < 0 || z > value || (z == value && other < best));
        best = wins ? other : best;
        value = wins ? z : value;
    }
    if (lane_of_warp() == 0) static_cast<int*>(args.y)[n] = has_nan ? -1 : best;
}
