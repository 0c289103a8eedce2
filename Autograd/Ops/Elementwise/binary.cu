// Functions of two values; the second may be spread over the first.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=72
#include "codat_common.cuh"

struct BinaryArgs {
    const T* x;
    const T* y;
    T* z;
    i64 count, packs;
    i64 run;           // channels, or elements of a row: what one value of y is spread by
    double a, b;
    int kind, spread;
};
static_assert(sizeof(BinaryArgs) == ARGS_SIZE, "the host's struct differs");

// The numbers of BinaryKind and Broadcast on the host.
enum Kind { Add, Subtract, Multiply, Divide, ReluGrad, SiluGrad, ClampGrad };
enum Spread { None, Scalar, Channel, Row };

template <int KIND> struct Binary {
    static __device__ __forceinline__ A apply(A x, A y, A a, A b) {
        if constexpr (KIND == Add) return x + y;
        if constexpr (KIND == Subtract) return x - y;
        if constexpr (KIND == Multiply) return x * y;
        if constexpr (KIND == Divide) return x / y;
        if constexpr (KIND == ReluGrad) return y > A(0) ? x : A(0);
        if constexpr (KIND == SiluGrad) {
            const A s = A(1) / (A(1) + exp(-y));
            return x * s * (A(1) + y * (A(1) - s));
        }
        return y > a && y < b ? x : A(0);
    }

    template <int V> static __device__ __forceinline__ void second(const BinaryArgs& args, i64 at, A (&y)[V]) {
        if (args.spread == None) {
            read<V>(args.y + at, y);
            return;
        }
        // A pack lies within one row: the host allows packs only where the run is a multiple of them.
        const i64 from = args.spread == Scalar ? 0 : args.spread == Channel ? at % args.run : at / args.run;
#pragma unroll
        for (int i = 0; i < V; i++) y[i] = widen(args.y[args.spread == Channel ? from + i : from]);
    }

    template <int V> static __device__ __forceinline__ void run(const BinaryArgs& args, i64 at) {
        A x[V], y[V];
        read<V>(args.x + at, x);
        second<V>(args, at, y);
#pragma unroll
        for (int i = 0; i < V; i++) x[i] = apply(x[i], y[i], A(args.a), A(args.b));
        write<V>(args.z + at, x);
    }
};

// grid: one thread for each pack of 16 bytes and each element of the rest; block: 256
// shared: none
// reads: x, y; writes: z, which may be x, or y where it is not spread
// the same bits for any place of an element; each element is computed alone
extern "C" __global__ void __launch_bounds__(256) binary(BinaryArgs args) {
    switch (args.kind) {
        case Add: each_pack<Binary<Add>>(args); break;
        case Subtract: each_pack<Binary<Subtract>>(args); break;
        case Multiply: each_pack<Binary<Multiply>>(args); break;
        case Divide: each_pack<Binary<Divide>>(args); break;
        case ReluGrad: each_pack<Binary<ReluGrad>>(args); break;
        case SiluGrad: each_pack<Binary<SiluGrad>>(args); break;
        default: each_pack<Binary<ClampGrad>>(args); break;
    }
}
