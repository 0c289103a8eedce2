// Cross-entropy of logits (N,K) against labels (N), with label smoothing, and its gradient.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=56
#include "logits.cuh"

struct CrossEntropyArgs {
    const T* logits;
    const int* labels;
    const A* loss_gradient;   // gradient only
    void* y;                  // losses (N), or gradient (N,K)
    double smoothing;
    i64 rows;
    int classes, unused;
};
static_assert(sizeof(CrossEntropyArgs) == ARGS_SIZE, "the host's struct differs");

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: logits, labels; writes: y (N), not-a-number where a label is no class
// double; a lane sums every 32nd class, then a butterfly: the same bits for any place of a row
extern "C" __global__ void __launch_bounds__(256) softmax_cross_entropy(CrossEntropyArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const T* row = args.logits + n * args.classes;
    const Softmax softmax(row, args.classes);
    double uniform = 0;
    if (args.smoothing > 0) {
        for (int k = lane_of_warp(); k < args.classes; k += 32)
            uniform += softmax.max + softmax.log_sum - widen(row[k]);
        uniform = warp_sum(uniform);
    }
    if (lane_of_warp() != 0) return;
    const int label = args.labels[n];
    const double own = is_label(label, args.classes)
        ? softmax.max + softmax.log_sum - widen(row[label])
        : not_a_number();
    static_cast<A*>(args.y)[n] = A((1 - args.smoothing) * own + args.smoothing / args.classes * uniform);
}

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: logits, labels, loss_gradient; writes: y (N,K), not-a-number where a label is no class
// double; as above
extern "C" __global__ void __launch_bounds__(256) softmax_cross_entropy_gradient(CrossEntropyArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const T* row = args.logits + n * args.classes;
    const Softmax softmax(row, args.classes);
    const int label = args.labels[n];
    const double scale = is_label(label, args.classes) ? args.loss_gradient[n] : not_a_number();
    for (int k = lane_of_warp(); k < args.classes; k += 32) {
        const double target = args.smoothing / args.classes + (k == label ? 1 - args.smoothing : 0);
        static_cast<T*>(args.y)[n * args.classes + k] = narrow<T>(A((softmax.probability(row[k]) - target) * scale));
    }
}
