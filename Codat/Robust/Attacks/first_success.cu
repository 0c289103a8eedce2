// Notes when an attack first succeeded.
// variants: fmad=false ELEMENT=float ARGS_SIZE=40
#include "codat_common.cuh"

struct FirstSuccessArgs {
    int* first;            // (N), -1 until there is a success
    int* taken;            // (N), steps taken
    const int* predicted;
    const int* labels;
    i64 count;
};
static_assert(sizeof(FirstSuccessArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one thread for each image; block: 256
// shared: none
// reads: predicted, labels; writes: first and taken in place
// the same numbers as on the host
extern "C" __global__ void __launch_bounds__(256) first_success(FirstSuccessArgs args) {
    const i64 i = thread_index();
    if (i >= args.count) return;
    if (args.first[i] < 0 && args.predicted[i] != args.labels[i]) args.first[i] = args.taken[i];
    args.taken[i]++;
}
