// A first convolution, of images with 1 or 3 channels: too few for tensor cores, and bound by the larger side's memory.
// Square kernels with stride 1; KERNEL and CHANNELS are constants; LANES threads share the input gradient's sum over
// output channels. Images, weights and the image gradient are not in bf16.
// variants: fmad=false ELEMENT=float,bf16 KERNEL=3 CHANNELS=1,3 LANES=16,32 ARGS_SIZE=112
#include "codat_common.cuh"

struct StemConvArgs {
    const A* image;       // input gradient: written
    const A* w;           // (K,R,S,C)
    T* y;                 // input gradient: read
    const A* bias;        // or null
    const T* residual;    // or null
    const T* mask;        // or null
    int images, height, width, out_height, out_width, out_channels, pad;
    int tile_rows, tile_groups;       // forward: output rows and groups of 8 columns of a block
    int channel_groups, row_tiles;    // forward: groups of 4 output channels of a block; row tiles of an image
    int has_relu;
    i64 strips;           // input gradient: strips of 8 columns over the batch
    i64 unused;
};
static_assert(sizeof(StemConvArgs) == ARGS_SIZE, "the host's struct differs");

constexpr int PIXELS = 8;             // output columns of a thread
constexpr int TAPS = KERNEL * KERNEL * CHANNELS;

extern __shared__ double stem_memory[];

__device__ __forceinline__ void load_weights(const StemConvArgs& args, A* weights, int first, int count) {
    for (int i = threadIdx.x; i < TAPS * count; i += 256) {
        const int tap = i / count, k = i % count;
        weights[i] = args.w[static_cast<i64>(first + k) * TAPS + tap];
    }
}

__device__ __forceinline__ void store(const StemConvArgs& args, i64 at, int k, A (&y)[4]) {
    A other[4];
#pragma unroll
    for (int j = 0; j < 4; j++) y[j] += args.bias != nullptr ? args.bias[k + j] : A(0);
    if (args.residual != nullptr) {
        read<4>(args.residual + at, other);
#pragma unroll
        for (int j = 0; j < 4; j++) y[j] += other[j];
    }
    if (args.has_relu) {
#pragma unroll
        for (int j = 0; j < 4; j++) y[j] = relu(y[j]);
    }
    if (args.mask != nullptr) {
        read<4>(args.mask + at, other);
#pragma unroll
        for (int j = 0; j < 4; j++) y[j] = other[j] > A(0) ? y[j] : A(0);
    }
    write<4>(args.y + at, y);
}

// grid: (images x row tiles, column tiles, channel tiles), a function of the shape; block: 256
// shared: the tile of the image and the weights of the block's channels, dynamic
// reads: image, w, bias, residual, mask; writes: y
// each element is summed by one thread with fma, kernel rows first, then channels, then columns
extern "C" __global__ void __launch_bounds__(256, 2) stem_conv(StemConvArgs args) {
    const int count = 4 * args.channel_groups;
    const int first = blockIdx.z * count;
    A* weights = reinterpret_cast<A*>(stem_memory);
    A* tile = weights + TAPS * count;
    load_weights(args, weights, first, count);

    const i64 image = blockIdx.x / args.row_tiles;
    const int top = static_cast<int>(blockIdx.x % args.row_tiles) * args.tile_rows;
    const int left = blockIdx.y * args.tile_groups * PIXELS;
    const int tile_height = args.tile_rows - 1 + KERNEL;
    const int tile_width = args.tile_groups * PIXELS - 1 + KERNEL;
    const A* from = args.image + image * args.height * args.width * CHANNELS;
    for (int i = threadIdx.x; i < tile_height * tile_width * CHANNELS; i += 256) {
        const int h = i / (tile_width * CHANNELS) + top - args.pad;
        const int w = i / CHANNELS % tile_width + left - args.pad;
        const bool is_inside = h >= 0 && h < args.height && w >= 0 && w < args.width;
        tile[i] = is_inside ? from[(static_cast<i64>(h) * args.width + w) * CHANNELS + i % CHANNELS] : A(0);
    }
    __syncthreads();

    const int group = threadIdx.x % args.channel_groups, slot = threadIdx.x / args.channel_groups;
    const int row = slot / args.tile_groups, column = slot % args.tile_groups * PIXELS;
    if (row >= args.tile_rows || top + row >= args.out_height) return;
    A sum[PIXELS][4] = {};
    // One kernel row at a time: all at once would hold more values than there are registers.
#pragma unroll 1
    for (int r = 0; r < KERNEL; r++) {
        const A* line = tile + ((row + r) * tile_width + column) * CHANNELS;
#pragma unroll
        for (int c = 0; c < CHANNELS; c++) {
            A x[PIXELS - 1 + KERNEL];
#pragma unroll
            for (int i = 0; i < PIXELS - 1 + KERNEL; i++) x[i] = line[i * CHANNELS + c];
#pragma unroll
            for (int s = 0; s < KERNEL; s++) {
                A weight[4];
                read<4>(weights + ((r * KERNEL + s) * CHANNELS + c) * count + 4 * group, weight);
#pragma unroll
                for (int p = 0; p < PIXELS; p++)
#pragma unroll
                    for (int j = 0; j < 4; j++) sum[p][j] = fma(x[p + s], weight[j], sum[p][j]);
            }
        }
    }
    const int k = first + 4 * group;
    i64 at = ((image * args.out_height + top + row) * args.out_width + left + column) * args.out_channels + k;
#pragma unroll
    for (int p = 0; p < PIXELS; p++, at += args.out_channels)
        if (left + column + p < args.out_width) store(args, at, k, sum[p]);
}

/// Adds values over LANES lanes; each lane is left with a part of them, from `first` on: a butterfly that sends only
/// the half the other lane keeps.
template <int COUNT, int LEFT> __device__ __forceinline__ void add_lanes(A* values, int& first) {
    if constexpr (LEFT > 1) {
        constexpr int HALF = LEFT / 2;
        if constexpr (COUNT % 2 == 0) {
            const bool is_upper = (threadIdx.x & HALF) != 0;
#pragma unroll
            for (int i = 0; i < COUNT / 2; i++) {
                const A sent = is_upper ? values[i] : values[i + COUNT / 2];
                const A kept = is_upper ? values[i + COUNT / 2] : values[i];
                values[i] = kept + __shfl_xor_sync(ALL_LANES, sent, HALF);
            }
            first += is_upper ? COUNT / 2 : 0;
            add_lanes<COUNT / 2, HALF>(values, first);
        } else {
#pragma unroll
            for (int i = 0; i < COUNT; i++) values[i] += __shfl_xor_sync(ALL_LANES, values[i], HALF);
            add_lanes<COUNT, HALF>(values, first);
        }
    }
}

/// How many values a lane is left with, and how many lanes are left with the same.
__device__ constexpr int parts_of(int count, int left) {
    return left > 1 && count % 2 == 0 ? parts_of(count / 2, left / 2) : count;
}
__device__ constexpr int copies_of(int count, int left) {
    return left > 1 && count % 2 == 0 ? copies_of(count / 2, left / 2) : left;
}

constexpr int STRIP = PIXELS * CHANNELS;             // values of a strip
constexpr int STRIP_ROWS = 4;                        // strips of a group of lanes, one below the other
constexpr int STRIPS_PER_BLOCK = 256 / LANES;

/// Adds the share of one kernel row and one output channel: dy under the strip, from shared weights.
__device__ __forceinline__ void add_row(const StemConvArgs& args, const A* weights, i64 dy_row, int left, int k, int r,
                                        A (&sum)[STRIP]) {
    A dy[PIXELS + KERNEL - 1];
#pragma unroll
    for (int i = 0; i < PIXELS + KERNEL - 1; i++) {
        const int w = left + args.pad - (KERNEL - 1) + i;
        const bool is_inside = w >= 0 && w < args.out_width;
        dy[i] = is_inside ? widen(args.y[(dy_row + w) * args.out_channels + k]) : A(0);
    }
#pragma unroll
    for (int s = 0; s < KERNEL; s++) {
#pragma unroll
        for (int c = 0; c < CHANNELS; c++) {
            const A weight = weights[((r * KERNEL + s) * CHANNELS + c) * args.out_channels + k];
#pragma unroll
            for (int p = 0; p < PIXELS; p++)
                sum[p * CHANNELS + c] = fma(dy[p - s + KERNEL - 1], weight, sum[p * CHANNELS + c]);
        }
    }
}

// grid: a block for each 256 / LANES strips of 8 columns and 4 rows, a function of the shape; block: 256
// shared: all weights, dynamic
// reads: y (dy), w; writes: image (dx)
// a lane sums its output channels with fma, then a butterfly over lanes: fixed by the shape
extern "C" __global__ void __launch_bounds__(256, 2) stem_conv_input_gradient(StemConvArgs args) {
    A* weights = reinterpret_cast<A*>(stem_memory);
    load_weights(args, weights, 0, args.out_channels);
    __syncthreads();

    // Neighbouring groups of lanes take strips one below the other: they read the same rows of dy.
    const int strip_columns = (args.width + PIXELS - 1) / PIXELS;
    const int strip_rows = (args.height + STRIP_ROWS - 1) / STRIP_ROWS;
    const i64 wanted = blockIdx.x * static_cast<i64>(STRIPS_PER_BLOCK) + threadIdx.x / LANES;
    const bool is_there = wanted < args.strips;
    const i64 strip = is_there ? wanted : args.strips - 1;
    const i64 column = strip / strip_rows;
    const i64 image = column / strip_columns;
    const int left = static_cast<int>(column % strip_columns) * PIXELS;
    const int top = static_cast<int>(strip % strip_rows) * STRIP_ROWS;
#pragma unroll 1
    for (int h = top; h < top + STRIP_ROWS; h++) {
        A sum[STRIP] = {};
#pragma unroll 1
        for (int k = threadIdx.x % LANES; k < args.out_channels; k += LANES) {
#pragma unroll 1
            for (int r = 0; r < KERNEL; r++) {
                const int row = h + args.pad - r;
                if (row < 0 || row >= args.out_height) continue;
                add_row(args, weights, (image * args.out_height + row) * args.out_width, left, k, r, sum);
            }
        }
        int first = 0;
        add_lanes<STRIP, LANES>(sum, first);
        const bool is_copy = (threadIdx.x & (copies_of(STRIP, LANES) - 1)) != 0;
        if (!is_there || is_copy || h >= args.height) continue;
        A* dx = const_cast<A*>(args.image) + ((image * args.height + h) * args.width + left) * CHANNELS;
        const int rest = (args.width - left) * CHANNELS;
#pragma unroll
        for (int i = 0; i < parts_of(STRIP, LANES); i++)
            if (first + i < rest) dx[first + i] = sum[i];
    }
}
