// Sums over the rows of a (rows, channels) matrix, in two launches: blocks sum their rows, then the blocks' sums are
// added in order. For plain sums, for the moments of batch norm, and for the sums in its gradient.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=80
#include "codat_common.cuh"

struct ChannelSumsArgs {
    const T* x;
    const T* dy;          // Gradient
    const A* moments;     // Gradient: mean and variance
    A* y;
    double* partial;      // (parts, values, channels)
    double epsilon;
    Columns columns;
    int parts, kind, is_wide, unused;
};
static_assert(sizeof(ChannelSumsArgs) == ARGS_SIZE, "the host's struct differs");

// Sum: sum x. Moments: sum d and sum d d with d = x - x[0], shifted against cancellation. Gradient: sum dy and
// sum dy (x - mean).
enum Kind { Sum, Moments, Gradient };

template <int KIND, int V> __device__ __forceinline__ void sum_block(const ChannelSumsArgs& args, double* shared) {
    constexpr int VALUES = KIND == Sum ? 1 : 2;
    const int channels = args.columns.channels;
    const BlockChannels<V> block(channels);
    const bool is_there = block.own() < block.count;
    const int channel = block.base + block.own();
    A s1[V] = {}, s2[V] = {};
    if (is_there) {
        A shift[V] = {};
        if constexpr (KIND == Moments) read<V>(args.x + channel, shift);
        if constexpr (KIND == Gradient)
            for (int i = 0; i < V; i++) shift[i] = args.moments[channel + i];
        const Rows rows(args.columns);
        // A thread has 64 rows at most: as short as this, a sum in the elements' own arithmetic loses nothing.
#pragma unroll 4
        for (i64 row = rows.first; row < rows.last; row += rows.step) {
            A x[V], dy[V];
            read<V>(args.x + row * channels + channel, x);
            if constexpr (KIND == Gradient) read<V>(args.dy + row * channels + channel, dy);
#pragma unroll
            for (int i = 0; i < V; i++) {
                if constexpr (KIND == Sum) {
                    s1[i] += x[i];
                } else if constexpr (KIND == Moments) {
                    const A d = x[i] - shift[i];
                    s1[i] += d;
                    s2[i] += d * d;
                } else {
                    s1[i] += dy[i];
                    s2[i] += dy[i] * (x[i] - shift[i]);
                }
            }
        }
    }

    // One value at a time through shared memory, rows of threads added pairwise.
#pragma unroll
    for (int value = 0; value < VALUES; value++) {
#pragma unroll
        for (int i = 0; i < V; i++) shared[thread_of_block() * V + i] = value == 0 ? s1[i] : s2[i];
        for (int half = blockDim.y / 2; half > 0; half /= 2) {
            __syncthreads();
            if (static_cast<int>(threadIdx.y) >= half) continue;
            const int other = half * blockDim.x;
            for (int i = 0; i < V; i++)
                shared[thread_of_block() * V + i] += shared[(thread_of_block() + other) * V + i];
        }
        __syncthreads();
        double* partial = args.partial + (static_cast<i64>(blockIdx.x) * VALUES + value) * channels + block.base;
        for (int slot = thread_of_block(); slot < block.count; slot += threads_of_block()) partial[slot] = shared[slot];
        __syncthreads();
    }
}

// grid: (row tiles, column tiles), a function of rows and channels; block: (columns, rows), 256 in all, powers of two
// shared: 2 KiB for each element of a pack, at most 16 KiB
// reads: x, and dy and moments for the gradient; writes: partial
// at most 64 rows in the elements' arithmetic, then double, pairwise; no atomics
extern "C" __global__ void __launch_bounds__(256) channel_sums(ChannelSumsArgs args) {
    __shared__ double shared[256 * WIDE];
    switch (args.kind) {
        case Sum:
            if (args.is_wide) sum_block<Sum, WIDE>(args, shared);
            else sum_block<Sum, 1>(args, shared);
            break;
        case Moments:
            if (args.is_wide) sum_block<Moments, WIDE>(args, shared);
            else sum_block<Moments, 1>(args, shared);
            break;
        default:
            if (args.is_wide) sum_block<Gradient, WIDE>(args, shared);
            else sum_block<Gradient, 1>(args, shared);
            break;
    }
}

constexpr int FINISH_COLUMNS = 32, FINISH_ROWS = 16;

__device__ __forceinline__ double sum_parts(const ChannelSumsArgs& args, int values, int value, int channel,
                                            double (&shared)[FINISH_ROWS][FINISH_COLUMNS]) {
    double sum = 0;
    if (channel < args.columns.channels) {
        const i64 step = static_cast<i64>(values) * args.columns.channels;
        const double* partial = args.partial + value * static_cast<i64>(args.columns.channels) + channel;
#pragma unroll 4
        for (int part = threadIdx.y; part < args.parts; part += FINISH_ROWS) sum += partial[part * step];
    }
    __syncthreads();
    shared[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    double total = 0;
    for (int row = 0; row < FINISH_ROWS; row++) total += shared[row][threadIdx.x];
    return total;
}

// grid: a block for each 32 channels; block: (32, 16)
// shared: 4 KiB
// reads: partial, x's first row for moments, moments for the gradient; writes: y (values, channels)
// double; each thread adds every 16th part, then the 16 sums in order
extern "C" __global__ void __launch_bounds__(512) channel_sums_finish(ChannelSumsArgs args) {
    __shared__ double shared[FINISH_ROWS][FINISH_COLUMNS];
    const int channels = args.columns.channels;
    const int channel = blockIdx.x * FINISH_COLUMNS + threadIdx.x;
    const int values = args.kind == Sum ? 1 : 2;
    const double first = sum_parts(args, values, 0, channel, shared);
    const double second = values == 2 ? sum_parts(args, values, 1, channel, shared) : 0;
    if (threadIdx.y != 0 || channel >= channels) return;
    if (args.kind == Moments) {
        const double rows = static_cast<double>(args.columns.rows);
        const double mean = first / rows;
        const double variance = second / rows - mean * mean;
        args.y[channel] = A(widen(args.x[channel]) + mean);
        args.y[channels + channel] = A(variance < 0 ? 0 : variance);
        return;
    }
    args.y[channel] = A(first);
    if (args.kind == Gradient)
        args.y[channels + channel] = A(second * (1 / sqrt(args.moments[channels + channel] + args.epsilon)));
}
