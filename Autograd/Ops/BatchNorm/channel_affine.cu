// y = x scale + shift per channel, then residual, ReLU, mask: batch norm with the batch's moments, with running ones,
// and the gradient of the latter.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=96
#include "codat_common.cuh"

struct ChannelAffineArgs {
    const T* x;
    T* y;
    const A* table;       // FromMoments: mean and variance; else scale and shift
    const A* gamma;       // FromMoments
    const A* beta;        // FromMoments
    const T* residual;    // or null
    const T* mask;        // or null
    double epsilon;
    Columns columns;
    int kind, is_wide, has_relu, unused;
};
static_assert(sizeof(ChannelAffineArgs) == ARGS_SIZE, "the host's struct differs");

enum Kind { FromMoments, ScaleAndShift, ScaleOnly };

__device__ __forceinline__ void coefficients(const ChannelAffineArgs& args, int channel, A& scale, A& shift) {
    const int channels = args.columns.channels;
    if (args.kind != FromMoments) {
        scale = args.table[channel];
        shift = args.kind == ScaleOnly ? A(0) : args.table[channels + channel];
        return;
    }
    const double a = args.gamma[channel] / sqrt(args.table[channels + channel] + args.epsilon);
    scale = A(a);
    shift = A(args.beta[channel] - args.table[channel] * a);
}

template <int V> __device__ __forceinline__ void apply(const ChannelAffineArgs& args, A* scales, A* shifts) {
    const int channels = args.columns.channels;
    const BlockChannels<V> block(channels);
    for (int slot = thread_of_block(); slot < block.count; slot += threads_of_block())
        coefficients(args, block.base + slot, scales[slot], shifts[slot]);
    __syncthreads();
    if (block.own() >= block.count) return;

    A scale[V], shift[V];
#pragma unroll
    for (int i = 0; i < V; i++) {
        scale[i] = scales[block.own() + i];
        shift[i] = shifts[block.own() + i];
    }
    const bool has_shift = args.kind != ScaleOnly;
    const Rows rows(args.columns);
    for (i64 row = rows.first; row < rows.last; row += rows.step) {
        const i64 at = row * channels + block.base + block.own();
        A y[V], other[V];
        read<V>(args.x + at, y);
#pragma unroll
        for (int i = 0; i < V; i++) {
            y[i] *= scale[i];
            if (has_shift) y[i] += shift[i];
        }
        if (args.residual != nullptr) {
            read<V>(args.residual + at, other);
#pragma unroll
            for (int i = 0; i < V; i++) y[i] += other[i];
        }
        if (args.has_relu) {
#pragma unroll
            for (int i = 0; i < V; i++) y[i] = relu(y[i]);
        }
        if (args.mask != nullptr) {
            read<V>(args.mask + at, other);
#pragma unroll
            for (int i = 0; i < V; i++) y[i] = other[i] > A(0) ? y[i] : A(0);
        }
        write<V>(args.y + at, y);
    }
}

// grid: (row tiles, column tiles), a function of rows and channels; block: (columns, rows), 256 in all
// shared: 8 bytes (16 in double) for each channel of the block
// reads: x, table, gamma, beta, residual, mask; writes: y, which may be x, residual or mask
// the same bits for any place of an element; scale and shift are computed in double
extern "C" __global__ void __launch_bounds__(256) channel_affine(ChannelAffineArgs args) {
    __shared__ A scales[BLOCK_CHANNELS], shifts[BLOCK_CHANNELS];
    if (args.is_wide) apply<WIDE>(args, scales, shifts);
    else apply<1>(args, scales, shifts);
}
