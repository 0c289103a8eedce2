// Mean over height and width, and its transpose with an optional ReLU mask.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=48
#include "codat_common.cuh"

struct GlobalPoolArgs {
    T* image;             // the gradient writes it
    A* pooled;            // the gradient reads it: one number for each channel of an image, never in bf16
    const T* mask;        // gradient: or null
    i64 images;
    int pixels, channels; // pixels of one image
    int is_wide, unused;
};
static_assert(sizeof(GlobalPoolArgs) == ARGS_SIZE, "the host's struct differs");

template <int V> __device__ __forceinline__ void forward(const GlobalPoolArgs& args) {
    const int packs = args.channels / V;
    const i64 i = thread_index();
    const i64 image = i / packs;
    if (image >= args.images) return;
    const T* x = args.image + image * args.pixels * args.channels + (i - image * packs) * V;
    A sum[V] = {}, v[V];
#pragma unroll 4
    for (int pixel = 0; pixel < args.pixels; pixel++) {
        read<V>(x + static_cast<i64>(pixel) * args.channels, v);
#pragma unroll
        for (int j = 0; j < V; j++) sum[j] += v[j];
    }
    const A scale = A(1) / A(args.pixels);
#pragma unroll
    for (int j = 0; j < V; j++) sum[j] *= scale;
    write<V>(args.pooled + i * V, sum);
}

template <int V> __device__ __forceinline__ void backward(const GlobalPoolArgs& args) {
    const int packs = args.channels / V;
    const i64 i = thread_index();
    const i64 pixel = i / packs;
    if (pixel >= args.images * args.pixels) return;
    const i64 image = pixel / args.pixels;
    A d[V], mask[V];
    read<V>(args.pooled + image * args.channels + (i - pixel * packs) * V, d);
    const A scale = A(1) / A(args.pixels);
#pragma unroll
    for (int j = 0; j < V; j++) d[j] *= scale;
    if (args.mask != nullptr) {
        read<V>(args.mask + i * V, mask);
#pragma unroll
        for (int j = 0; j < V; j++) d[j] = mask[j] > A(0) ? d[j] : A(0);
    }
    write<V>(args.image + i * V, d);
}

// grid: one thread for each pack of channels of an image; block: 64
// shared: none
// reads: image; writes: pooled
// the same bits as on the host: pixels are added in their order
extern "C" __global__ void __launch_bounds__(64) global_avg_pool(GlobalPoolArgs args) {
    if (args.is_wide) forward<WIDE>(args);
    else forward<1>(args);
}

// grid: one thread for each pack of channels of a pixel; block: 256
// shared: none
// reads: pooled (dy), mask; writes: image (dx)
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) global_avg_pool_gradient(GlobalPoolArgs args) {
    if (args.is_wide) backward<WIDE>(args);
    else backward<1>(args);
}
