// The last iterate of each image that is classified rightly, and how many since were not.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=48
#include "codat_common.cuh"

struct BoundaryArgs {
    T* kept;
    int* wrong;            // (N), up to 2
    const T* iterate;
    const int* predicted;
    const int* labels;
    i64 run;               // elements of an image
};
static_assert(sizeof(BoundaryArgs) == ARGS_SIZE, "the host's struct differs");

// grid: a block for each image; block: 256
// shared: 4 bytes
// reads: iterate, predicted, labels; writes: kept and wrong in place
// copies and whole numbers: the host's bits
extern "C" __global__ void __launch_bounds__(256) boundary(BoundaryArgs args) {
    __shared__ int before;
    const i64 image = blockIdx.x;
    const bool is_right = args.predicted[image] == args.labels[image];
    if (threadIdx.x == 0) {
        before = args.wrong[image];
        if (before > 0) args.wrong[image] = 2;
        else if (!is_right) args.wrong[image] = 1;
    }
    __syncthreads();
    if (before > 0 || !is_right) return;
    for (i64 i = image * args.run + threadIdx.x; i < (image + 1) * args.run; i += 256) args.kept[i] = args.iterate[i];
}
