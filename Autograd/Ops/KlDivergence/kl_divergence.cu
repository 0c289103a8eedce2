// KL(softmax(p) || softmax(q)) of each row, and its gradient to either side.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=48
#include "logits.cuh"

struct KlArgs {
    const T* p;
    const T* q;
    const A* loss_gradient;   // gradient only
    void* y;                  // divergences (N), or gradient (N,K)
    i64 rows;
    int classes, side;        // side 0: gradient to p, 1: to q
};
static_assert(sizeof(KlArgs) == ARGS_SIZE, "the host's struct differs");

__device__ __forceinline__ double log_ratio(T zp, T zq, const Softmax& p, const Softmax& q) {
    return widen(zp) - (p.max + p.log_sum) - (widen(zq) - (q.max + q.log_sum));
}

__device__ __forceinline__ double divergence(
    const T* zp, const T* zq, const Softmax& p, const Softmax& q, int classes) {
    double kl = 0;
    for (int k = lane_of_warp(); k < classes; k += 32)
        kl += p.probability(zp[k]) * log_ratio(zp[k], zq[k], p, q);
    return warp_sum(kl);
}

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: p, q; writes: y (N)
// double; a lane sums every 32nd class, then a butterfly: the same bits for any place of a row
extern "C" __global__ void __launch_bounds__(256) kl_divergence(KlArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const T* zp = args.p + n * args.classes;
    const T* zq = args.q + n * args.classes;
    const Softmax p(zp, args.classes), q(zq, args.classes);
    const double kl = divergence(zp, zq, p, q, args.classes);
    if (lane_of_warp() == 0) static_cast<A*>(args.y)[n] = A(kl);
}

// grid: a block for each 8 rows; block: 8 warps
// shared: none
// reads: p, q, loss_gradient; writes: y (N,K)
// double; as above
extern "C" __global__ void __launch_bounds__(256) kl_divergence_gradient(KlArgs args) {
    const i64 n = row_of_warp();
    if (n >= args.rows) return;
    const T* zp = args.p + n * args.classes;
    const T* zq = args.q + n * args.classes;
    const Softmax p(zp, args.classes), q(zq, args.classes);
    const double kl = args.side == 0 ? divergence(zp, zq, p, q, args.classes) : 0;
    const double scale = args.loss_gradient[n];
    // d/dq = softmax(q) - softmax(p);  d/dp_k = softmax(p)_k (log ratio_k - KL).
    for (int k = lane_of_warp(); k < args.classes; k += 32) {
        const double pk = p.probability(zp[k]);
        const double d = args.side == 1 ? q.probability(zq[k]) - pk : pk * (log_ratio(zp[k], zq[k], p, q) - kl);
        static_cast<T*>(args.y)[n * args.classes + k] = narrow<T>(A(d * scale));
    }
}
