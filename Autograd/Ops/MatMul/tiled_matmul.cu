// op(a) op(b) for matrices of any size, with bias, ReLU and mask: where a library has no kernel, and to check one.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=80
#include "codat_common.cuh"

struct TiledMatMulArgs {
    const T* a;           // (M,K), or (K,M) transposed
    const T* b;           // (K,N), or (N,K) transposed
    T* c;                 // (M,N)
    const A* bias;        // (N) or null
    const T* mask;        // (M,N) or null
    i64 m, n, k;
    int transpose_a, transpose_b, has_relu, unused;
};
static_assert(sizeof(TiledMatMulArgs) == ARGS_SIZE, "the host's struct differs");

constexpr int TILE = 64, DEPTH = 16, SIDE = 4;

/// Loads a (64, 16) tile, stored by depth; lanes run along the matrix's rows in memory.
__device__ __forceinline__ void load_tile(
    const T* matrix, i64 first, i64 count, i64 depth, i64 depths, bool is_transposed, A (&tile)[DEPTH][TILE + 1]) {
    for (int i = threadIdx.x; i < TILE * DEPTH; i += 256) {
        const int along = is_transposed ? i % TILE : i / DEPTH;
        const int deep = is_transposed ? i / TILE : i % DEPTH;
        const i64 row = first + along, column = depth + deep;
        const bool is_inside = row < count && column < depths;
        const i64 at = is_transposed ? column * count + row : row * depths + column;
        tile[deep][along] = is_inside ? widen(matrix[at]) : A(0);
    }
}

// grid: (tiles of N, tiles of M), 64 x 64 elements each; block: 256
// shared: 8.1 KiB (16.3 in double)
// reads: a, b, bias, mask; writes: c
// each element is summed by one thread with fma, in the order of the inner index
extern "C" __global__ void __launch_bounds__(256) tiled_matmul(TiledMatMulArgs args) {
    __shared__ A a[DEPTH][TILE + 1], b[DEPTH][TILE + 1];
    const i64 top = blockIdx.y * static_cast<i64>(TILE), left = blockIdx.x * static_cast<i64>(TILE);
    const int row = threadIdx.x / 16, column = threadIdx.x % 16;
    A sum[SIDE][SIDE] = {};
    for (i64 depth = 0; depth < args.k; depth += DEPTH) {
        load_tile(args.a, top, args.m, depth, args.k, args.transpose_a, a);
        load_tile(args.b, left, args.n, depth, args.k, !args.transpose_b, b);
        __syncthreads();
#pragma unroll
        for (int d = 0; d < DEPTH; d++)
#pragma unroll
            for (int i = 0; i < SIDE; i++)
#pragma unroll
                for (int j = 0; j < SIDE; j++)
                    sum[i][j] = fma(a[d][row + 16 * i], b[d][column + 16 * j], sum[i][j]);
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
#pragma unroll
        for (int j = 0; j < SIDE; j++) {
            const i64 y = top + row + 16 * i, x = left + column + 16 * j;
            if (y >= args.m || x >= args.n) continue;
            const i64 at = y * args.n + x;
            A value = sum[i][j];
            if (args.bias != nullptr) value += args.bias[x];
            if (args.has_relu) value = relu(value);
            if (args.mask != nullptr && !(widen(args.mask[at]) > A(0))) value = A(0);
            args.c[at] = narrow<T>(value);
        }
    }
}
