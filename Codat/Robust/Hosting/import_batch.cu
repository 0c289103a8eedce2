// Batches of a host application to what a step reads: float images (N,H,W,C) in [0,1] and int32 labels.
// variants: fmad=false ARGS_SIZE=40
#include "codat_common.cuh"

struct ImportArgs {
    const void* from;
    void* to;
    i64 count;                // elements
    int channels, pixels;     // of one image
    int is_planar, unused;    // source (N,C,H,W) instead of (N,H,W,C)
};
static_assert(sizeof(ImportArgs) == ARGS_SIZE, "the host's struct differs");

/// How far outside of [0,1] a pixel is still taken for rounding.
constexpr float SLACK = 0.001f;

__device__ __forceinline__ i64 source_of(const ImportArgs& args, i64 at) {
    if (args.is_planar == 0) return at;
    const int run = args.channels * args.pixels;
    const i64 sample = at / run;
    const int inside = static_cast<int>(at - sample * run);
    return sample * run + static_cast<i64>(inside % args.channels) * args.pixels + inside / args.channels;
}

// grid: one thread for each element; block: 256
// shared: none
// reads: from (bytes); writes: to (N,H,W,C)
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) import_bytes(ImportArgs args) {
    const i64 at = thread_index();
    if (at >= args.count) return;
    static_cast<float*>(args.to)[at] =
        static_cast<float>(static_cast<const unsigned char*>(args.from)[source_of(args, at)]) / 255.0f;
}

// grid: one thread for each element; block: 256
// shared: none
// reads: from (floats); writes: to (N,H,W,C), not-a-number where a value is no pixel: the sentinel sees it in the loss
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) import_floats(ImportArgs args) {
    const i64 at = thread_index();
    if (at >= args.count) return;
    const float value = static_cast<const float*>(args.from)[source_of(args, at)];
    const bool is_pixel = value >= -SLACK && value <= 1.0f + SLACK;
    static_cast<float*>(args.to)[at] =
        is_pixel ? clamp(value, 0.0f, 1.0f) : static_cast<float>(not_a_number());
}

// grid: one thread for each label; block: 256
// shared: none
// reads: from (int64); writes: to (int32), -1 where a label does not fit: the class risk sees it
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) import_labels(ImportArgs args) {
    const i64 at = thread_index();
    if (at >= args.count) return;
    const i64 label = static_cast<const i64*>(args.from)[at];
    static_cast<int*>(args.to)[at] = label == static_cast<int>(label) ? static_cast<int>(label) : -1;
}
