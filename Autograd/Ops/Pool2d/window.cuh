// Pooling windows over NHWC images.
#ifndef CODAT_WINDOW_CUH
#define CODAT_WINDOW_CUH
#include "codat_common.cuh"

struct WindowArgs {
    const T* from;
    T* to;
    const T* image;       // gradient of the maximum: the image
    i64 pixels;           // of the result, over the batch
    int height, width, channels, out_height, out_width;
    int size, stride, padding;
    int is_wide, has_mask;
};
static_assert(sizeof(WindowArgs) == ARGS_SIZE, "the host's struct differs");

/// Indices from first up to last, without last.
struct Range {
    int first, last;
};

/// The inputs under output `at`, within the image.
__device__ __forceinline__ Range inputs_of(const WindowArgs& args, int at, int size) {
    const int first = at * args.stride - args.padding;
    return {first < 0 ? 0 : first, first + args.size < size ? first + args.size : size};
}

/// The outputs whose windows hold input `at`.
__device__ __forceinline__ Range outputs_of(const WindowArgs& args, int at, int count) {
    const int reach = at + args.padding;
    const int first = reach < args.size ? 0 : (reach - args.size) / args.stride + 1;
    const int last = reach / args.stride + 1;
    return {first, last < count ? last : count};
}

/// The place of one thread: a pack of channels of one pixel of the result.
struct Place {
    i64 image;
    int row, column, channel;
    bool is_there;

    __device__ __forceinline__ Place(const WindowArgs& args, int pack, int height, int width) {
        const int packs = args.channels / pack;
        const i64 i = thread_index();
        const i64 pixel = i / packs;
        is_there = pixel < args.pixels;
        channel = static_cast<int>(i - pixel * packs) * pack;
        image = pixel / (height * width);
        const int inside = static_cast<int>(pixel - image * (height * width));
        row = inside / width;
        column = inside - row * width;
    }
};

__device__ __forceinline__ i64 element(
    i64 image, int row, int column, int channel, int height, int width, int channels) {
    return ((image * height + row) * width + column) * channels + channel;
}

#endif
