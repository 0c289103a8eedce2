// Losses of an attack that are functions of the order of the logits, and their gradients.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=56
#include "codat_common.cuh"

struct LogitLossArgs {
    const T* logits;
    const int* labels;
    const int* targets;
    const T* loss_gradient;   // gradient only
    T* y;                     // losses (N), or gradient (N,K)
    i64 rows;
    int classes, loss;
};
static_assert(sizeof(LogitLossArgs) == ARGS_SIZE, "the host's struct differs");

enum Loss { Dlr, TargetedDlr, Gap };

/// What a row's loss is made of: (rival - label) / scale.
struct Ranked {
    int rival, top[4];
    T scale;

    __device__ Ranked(const LogitLossArgs& args, const T* z, int label, int target) {
        const int count = args.loss == Gap ? 0 : args.loss == Dlr ? 3 : 4;
        for (int place = 0; place < count; place++) {
            int best = -1;
            for (int k = 0; k < args.classes; k++) {
                bool is_taken = false;
                for (int p = 0; p < place; p++) is_taken = is_taken || top[p] == k;
                if (!is_taken && (best < 0 || z[k] > z[best])) best = k;
            }
            top[place] = best;
        }
        rival = args.loss != Dlr ? target : top[0] == label ? top[1] : top[0];
        // A ratio of equal logits is a number, not an infinity.
        scale = args.loss == Gap ? T(1)
            : args.loss == Dlr ? z[top[0]] - z[top[2]] + T(1e-12)
                               : z[top[0]] - (z[top[2]] + z[top[3]]) / T(2) + T(1e-12);
    }
};

// grid: one thread for each row; block: 256
// shared: none
// reads: logits, labels, targets; writes: y (N)
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) logit_loss(LogitLossArgs args) {
    const i64 n = thread_index();
    if (n >= args.rows) return;
    const T* z = args.logits + n * args.classes;
    const Ranked ranked(args, z, args.labels[n], args.targets[n]);
    args.y[n] = (z[ranked.rival] - z[args.labels[n]]) / ranked.scale;
}

// grid: one thread for each row; block: 256
// shared: none
// reads: logits, labels, targets, loss_gradient; writes: y (N,K)
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) logit_loss_gradient(LogitLossArgs args) {
    const i64 n = thread_index();
    if (n >= args.rows) return;
    const T* z = args.logits + n * args.classes;
    T* gradient = args.y + n * args.classes;
    for (int k = 0; k < args.classes; k++) gradient[k] = T(0);
    const int label = args.labels[n];
    const Ranked ranked(args, z, label, args.targets[n]);
    const T part = args.loss_gradient[n] / ranked.scale;
    gradient[ranked.rival] += part;
    gradient[label] -= part;
    if (args.loss == Gap) return;
    const T spread = part * ((z[ranked.rival] - z[label]) / ranked.scale);
    gradient[ranked.top[0]] -= spread;
    if (args.loss == Dlr) {
        gradient[ranked.top[2]] += spread;
        return;
    }
    gradient[ranked.top[2]] += spread / T(2);
    gradient[ranked.top[3]] += spread / T(2);
}
