// Mean over windows, where padding counts as zeros, and its transpose.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=72
#include "window.cuh"

template <int V> __device__ __forceinline__ void forward(const WindowArgs& args) {
    const Place at(args, V, args.out_height, args.out_width);
    if (!at.is_there) return;
    const Range rows = inputs_of(args, at.row, args.height), columns = inputs_of(args, at.column, args.width);
    const A scale = A(1) / A(args.size * args.size);
    A sum[V] = {}, v[V];
    for (int h = rows.first; h < rows.last; h++) {
        for (int w = columns.first; w < columns.last; w++) {
            read<V>(args.from + element(at.image, h, w, at.channel, args.height, args.width, args.channels), v);
#pragma unroll
            for (int i = 0; i < V; i++) sum[i] += v[i];
        }
    }
#pragma unroll
    for (int i = 0; i < V; i++) sum[i] *= scale;
    write<V>(args.to + thread_index() * V, sum);
}

template <int V> __device__ __forceinline__ void backward(const WindowArgs& args) {
    const Place at(args, V, args.height, args.width);
    if (!at.is_there) return;
    const Range rows = outputs_of(args, at.row, args.out_height), columns = outputs_of(args, at.column, args.out_width);
    const A scale = A(1) / A(args.size * args.size);
    A dx[V] = {}, v[V];
    for (int oh = rows.first; oh < rows.last; oh++) {
        for (int ow = columns.first; ow < columns.last; ow++) {
            read<V>(args.from + element(at.image, oh, ow, at.channel, args.out_height, args.out_width, args.channels),
                    v);
#pragma unroll
            for (int i = 0; i < V; i++) dx[i] = v[i] * scale + dx[i];
        }
    }
    write<V>(args.to + thread_index() * V, dx);
}

// grid: one thread for each pack of channels of an output pixel; block: 256
// shared: none
// reads: from (the image); writes: to
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) avg_pool(WindowArgs args) {
    if (args.is_wide) forward<WIDE>(args);
    else forward<1>(args);
}

// grid: one thread for each pack of channels of an input pixel; block: 256
// shared: none
// reads: from (dy); writes: to (dx)
// the same bits as on the host: windows are added in their order
extern "C" __global__ void __launch_bounds__(256) avg_pool_gradient(WindowArgs args) {
    if (args.is_wide) backward<WIDE>(args);
    else backward<1>(args);
}
