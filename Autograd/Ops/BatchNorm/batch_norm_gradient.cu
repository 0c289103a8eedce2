// The input gradient of batch norm with batch statistics: dx = a dy + b x + c with per-channel a, b, c.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=80
#include "codat_common.cuh"

struct BatchNormGradientArgs {
    const T* dy;
    const T* x;
    T* dx;
    const A* moments;     // mean and variance
    const A* gamma;
    const A* sums;        // sum dy, sum dy xhat
    double epsilon;
    Columns columns;
    int is_wide, unused;
};
static_assert(sizeof(BatchNormGradientArgs) == ARGS_SIZE, "the host's struct differs");

template <int V> __device__ __forceinline__ void apply(const BatchNormGradientArgs& args, A (*table)[BLOCK_CHANNELS]) {
    const int channels = args.columns.channels;
    const double count = static_cast<double>(args.columns.rows);
    const BlockChannels<V> block(channels);
    for (int slot = thread_of_block(); slot < block.count; slot += threads_of_block()) {
        const int channel = block.base + slot;
        const double inverse = 1 / sqrt(args.moments[channels + channel] + args.epsilon);
        const double scale = args.gamma[channel] * inverse;
        const double slope = -scale * inverse * args.sums[channels + channel] / count;
        table[0][slot] = A(scale);
        table[1][slot] = A(slope);
        table[2][slot] = A(-scale * args.sums[channel] / count - slope * args.moments[channel]);
    }
    __syncthreads();
    if (block.own() >= block.count) return;

    A a[V], b[V], c[V];
#pragma unroll
    for (int i = 0; i < V; i++) {
        a[i] = table[0][block.own() + i];
        b[i] = table[1][block.own() + i];
        c[i] = table[2][block.own() + i];
    }
    const Rows rows(args.columns);
    for (i64 row = rows.first; row < rows.last; row += rows.step) {
        const i64 at = row * channels + block.base + block.own();
        A dy[V], x[V];
        read<V>(args.dy + at, dy);
        read<V>(args.x + at, x);
#pragma unroll
        for (int i = 0; i < V; i++) dy[i] = dy[i] * a[i] + x[i] * b[i] + c[i];
        write<V>(args.dx + at, dy);
    }
}

// grid: (row tiles, column tiles), a function of rows and channels; block: (columns, rows), 256 in all
// shared: 12 bytes (24 in double) for each channel of the block
// reads: dy, x, moments, gamma, sums; writes: dx, which may be dy
// the same bits for any place of an element; a, b, c are computed in double
extern "C" __global__ void __launch_bounds__(256) batch_norm_gradient(BatchNormGradientArgs args) {
    __shared__ A table[3][BLOCK_CHANNELS];
    if (args.is_wide) apply<WIDE>(args, table);
    else apply<1>(args, table);
}
