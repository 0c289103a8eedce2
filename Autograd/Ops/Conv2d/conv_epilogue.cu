// What a fused convolution does to its result, after one that was not fused: bias, residual, ReLU, mask.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=64
#include "codat_common.cuh"

struct ConvEpilogueArgs {
    const T* x;
    T* y;
    const A* bias;        // or null
    const T* residual;    // or null
    const T* mask;        // or null
    Columns columns;
    int is_wide, has_relu;
};
static_assert(sizeof(ConvEpilogueArgs) == ARGS_SIZE, "the host's struct differs");

template <int V> __device__ __forceinline__ void apply(const ConvEpilogueArgs& args) {
    const int channels = args.columns.channels;
    const BlockChannels<V> block(channels);
    if (block.own() >= block.count) return;
    const int channel = block.base + block.own();
    A bias[V] = {};
    if (args.bias != nullptr) {
#pragma unroll
        for (int i = 0; i < V; i++) bias[i] = args.bias[channel + i];
    }
    const Rows rows(args.columns);
    for (i64 row = rows.first; row < rows.last; row += rows.step) {
        const i64 at = row * channels + channel;
        A y[V], other[V];
        read<V>(args.x + at, y);
#pragma unroll
        for (int i = 0; i < V; i++) y[i] += bias[i];
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
// shared: none
// reads: x, bias, residual, mask; writes: y, which may be x or residual
// the same bits for any place of an element
extern "C" __global__ void __launch_bounds__(256) conv_epilogue(ConvEpilogueArgs args) {
    if (args.is_wide) apply<WIDE>(args);
    else apply<1>(args);
}
