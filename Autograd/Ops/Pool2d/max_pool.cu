// Maximum over windows, and its gradient, which asks of each input which windows it wins: no atomics.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=72
#include "window.cuh"

/// A later value replaces the best if it is greater or not a number, so a NaN wins and is seen downstream.
__device__ __forceinline__ bool beats(A value, A best) { return value > best || value != value; }

template <int V> __device__ __forceinline__ void forward(const WindowArgs& args) {
    const Place at(args, V, args.out_height, args.out_width);
    if (!at.is_there) return;
    const Range rows = inputs_of(args, at.row, args.height), columns = inputs_of(args, at.column, args.width);
    A best[V], v[V];
    read<V>(args.from + element(at.image, rows.first, columns.first, at.channel, args.height, args.width,
                                args.channels), best);
    for (int h = rows.first; h < rows.last; h++) {
        for (int w = columns.first; w < columns.last; w++) {
            read<V>(args.from + element(at.image, h, w, at.channel, args.height, args.width, args.channels), v);
#pragma unroll
            for (int i = 0; i < V; i++) best[i] = beats(v[i], best[i]) ? v[i] : best[i];
        }
    }
    write<V>(args.to + thread_index() * V, best);
}

template <int V> __device__ __forceinline__ void backward(const WindowArgs& args) {
    const Place at(args, V, args.height, args.width);
    if (!at.is_there) return;
    const Range rows = outputs_of(args, at.row, args.out_height), columns = outputs_of(args, at.column, args.out_width);
    A dx[V] = {};
    for (int oh = rows.first; oh < rows.last; oh++) {
        for (int ow = columns.first; ow < columns.last; ow++) {
            const Range top = inputs_of(args, oh, args.height), left = inputs_of(args, ow, args.width);
            A best[V], v[V], dy[V];
            bool is_mine[V];
            read<V>(args.image + element(at.image, top.first, left.first, at.channel, args.height, args.width,
                                         args.channels), best);
#pragma unroll
            for (int i = 0; i < V; i++) is_mine[i] = at.row == top.first && at.column == left.first;
            for (int h = top.first; h < top.last; h++) {
                for (int w = left.first; w < left.last; w++) {
                    read<V>(args.image + element(at.image, h, w, at.channel, args.height, args.width, args.channels),
                            v);
                    const bool is_here = h == at.row && w == at.column;
#pragma unroll
                    for (int i = 0; i < V; i++) {
                        const bool wins = beats(v[i], best[i]);
                        best[i] = wins ? v[i] : best[i];
                        is_mine[i] = wins ? is_here : is_mine[i];
                    }
                }
            }
            read<V>(args.from + element(at.image, oh, ow, at.channel, args.out_height, args.out_width, args.channels),
                    dy);
#pragma unroll
            for (int i = 0; i < V; i++) dx[i] += is_mine[i] && (!args.has_mask || best[i] > A(0)) ? dy[i] : A(0);
        }
    }
    write<V>(args.to + thread_index() * V, dx);
}

// grid: one thread for each pack of channels of an output pixel; block: 256
// shared: none
// reads: from (the image); writes: to
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) max_pool(WindowArgs args) {
    if (args.is_wide) forward<WIDE>(args);
    else forward<1>(args);
}

// grid: one thread for each pack of channels of an input pixel; block: 256
// shared: none
// reads: from (dy), image; writes: to (dx): dy of the windows whose first maximum is here, under the ReLU mask if asked
// the same bits as on the host: windows are added in their order
extern "C" __global__ void __launch_bounds__(256) max_pool_gradient(WindowArgs args) {
    if (args.is_wide) backward<WIDE>(args);
    else backward<1>(args);
}
