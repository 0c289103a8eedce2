// Convolutions as their definition says, for shapes no library takes and as a check of libraries: slow and simple.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=112
#include "codat_common.cuh"

struct PlainConvArgs {
    const T* x;           // (N,H,W,C), or dy (N,OH,OW,K) for the input gradient
    const T* w;           // (K,R,S,C), or dy for the weight gradient
    T* y;
    const A* bias;        // or null
    const T* residual;    // or null
    const T* mask;        // or null
    int images, height, width, in_channels, out_height, out_width, out_channels;
    int kernel_height, kernel_width, stride_h, stride_w, pad_h, pad_w;
    int has_relu;
    i64 count;            // elements of the result
};
static_assert(sizeof(PlainConvArgs) == ARGS_SIZE, "the host's struct differs");

/// Where an element of an (N,H,W,C) result is.
struct Place {
    i64 image;
    int row, column, channel;

    __device__ __forceinline__ Place(i64 at, int height, int width, int channels) {
        const i64 pixel = at / channels;
        channel = static_cast<int>(at - pixel * channels);
        image = pixel / (height * width);
        const int inside = static_cast<int>(pixel - image * (height * width));
        row = inside / width;
        column = inside - row * width;
    }
};

__device__ __forceinline__ void finish(const PlainConvArgs& args, i64 at, int channel, A sum) {
    if (args.bias != nullptr) sum += args.bias[channel];
    if (args.residual != nullptr) sum += widen(args.residual[at]);
    if (args.has_relu) sum = relu(sum);
    if (args.mask != nullptr && !(widen(args.mask[at]) > A(0))) sum = A(0);
    args.y[at] = narrow<T>(sum);
}

// grid: one thread for each element of the result; block: 256
// shared: none
// reads: x, w, bias, residual, mask; writes: y
// each element is summed by one thread, kernel rows first, then columns, then channels
extern "C" __global__ void __launch_bounds__(256) plain_conv(PlainConvArgs args) {
    const i64 at = thread_index();
    if (at >= args.count) return;
    const Place place(at, args.out_height, args.out_width, args.out_channels);
    const int channels = args.in_channels;
    A sum = 0;
    for (int r = 0; r < args.kernel_height; r++) {
        const int h = place.row * args.stride_h + r - args.pad_h;
        if (h < 0 || h >= args.height) continue;
        for (int s = 0; s < args.kernel_width; s++) {
            const int w = place.column * args.stride_w + s - args.pad_w;
            if (w < 0 || w >= args.width) continue;
            const T* x = args.x + ((place.image * args.height + h) * args.width + w) * channels;
            const T* weight = args.w
                + ((static_cast<i64>(place.channel) * args.kernel_height + r) * args.kernel_width + s) * channels;
            for (int c = 0; c < channels; c++) sum = fma(widen(x[c]), widen(weight[c]), sum);
        }
    }
    finish(args, at, place.channel, sum);
}

// grid: one thread for each element of the result; block: 256
// shared: none
// reads: x (dy), w, residual, mask; writes: y (dx)
// each element is summed by one thread, kernel rows first, then columns, then channels
extern "C" __global__ void __launch_bounds__(256) plain_conv_input_gradient(PlainConvArgs args) {
    const i64 at = thread_index();
    if (at >= args.count) return;
    const Place place(at, args.height, args.width, args.in_channels);
    A sum = 0;
    for (int r = 0; r < args.kernel_height; r++) {
        const int h = place.row + args.pad_h - r;
        if (h < 0 || h % args.stride_h != 0 || h / args.stride_h >= args.out_height) continue;
        for (int s = 0; s < args.kernel_width; s++) {
            const int w = place.column + args.pad_w - s;
            if (w < 0 || w % args.stride_w != 0 || w / args.stride_w >= args.out_width) continue;
            const T* dy = args.x
                + ((place.image * args.out_height + h / args.stride_h) * args.out_width + w / args.stride_w)
                    * args.out_channels;
            const T* weight = args.w + (static_cast<i64>(r) * args.kernel_width + s) * args.in_channels + place.channel;
            const i64 step = static_cast<i64>(args.kernel_height) * args.kernel_width * args.in_channels;
            for (int k = 0; k < args.out_channels; k++) sum = fma(widen(dy[k]), widen(weight[k * step]), sum);
        }
    }
    finish(args, at, place.channel, sum);
}

// grid: a block for each element of the result; block: 256
// shared: 256 bytes
// reads: x, w (dy); writes: y (dw)
// double; each thread sums every 256th output pixel, then warps, then their sums in order
extern "C" __global__ void __launch_bounds__(256) plain_conv_weight_gradient(PlainConvArgs args) {
    __shared__ double shared[32];
    const Place place(blockIdx.x, args.kernel_height, args.kernel_width, args.in_channels);
    const i64 pixels = static_cast<i64>(args.images) * args.out_height * args.out_width;
    double sum = 0;
    for (i64 pixel = threadIdx.x; pixel < pixels; pixel += 256) {
        const Place output(pixel, args.out_height, args.out_width, 1);
        const int h = output.row * args.stride_h + place.row - args.pad_h;
        const int w = output.column * args.stride_w + place.column - args.pad_w;
        if (h < 0 || h >= args.height || w < 0 || w >= args.width) continue;
        const i64 at = ((output.image * args.height + h) * args.width + w) * args.in_channels + place.channel;
        sum += static_cast<double>(widen(args.x[at])) * widen(args.w[pixel * args.out_channels + place.image]);
    }
    sum = block_sum(sum, shared);
    if (threadIdx.x == 0) args.y[blockIdx.x] = narrow<T>(A(sum));
}
