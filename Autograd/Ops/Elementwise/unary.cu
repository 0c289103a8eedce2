// Functions of one value; a and b are parameters.
// variants: fmad=false ELEMENT=float,double,bf16 ARGS_SIZE=56
#include "codat_common.cuh"

struct UnaryArgs {
    const T* x;
    T* y;
    i64 count, packs;
    double a, b;
    int kind;
};
static_assert(sizeof(UnaryArgs) == ARGS_SIZE, "the host's struct differs");

// The numbers of UnaryKind on the host.
enum Kind { Scale, Offset, Clamp, Relu, Silu, Sigmoid, Exp, Log, Sqrt, Square, Reciprocal, Abs, Sign };

template <int KIND> struct Unary {
    static __device__ __forceinline__ A apply(A x, A a, A b) {
        if constexpr (KIND == Scale) return x * a;
        if constexpr (KIND == Offset) return x + a;
        if constexpr (KIND == Clamp) return clamp(x, a, b);
        if constexpr (KIND == Relu) return relu(x);
        if constexpr (KIND == Silu) return x * (A(1) / (A(1) + exp(-x)));
        if constexpr (KIND == Sigmoid) return A(1) / (A(1) + exp(-x));
        if constexpr (KIND == Exp) return exp(x);
        if constexpr (KIND == Log) return log(x);
        if constexpr (KIND == Sqrt) return sqrt(x);
        if constexpr (KIND == Square) return x * x;
        if constexpr (KIND == Reciprocal) return A(1) / x;
        if constexpr (KIND == Abs) return x < A(0) ? -x : x + A(0);
        if constexpr (KIND == Sign) return x > A(0) ? A(1) : x < A(0) ? A(-1) : x;
        return x;
    }

    template <int V> static __device__ __forceinline__ void run(const UnaryArgs& args, i64 at) {
        A v[V];
        read<V>(args.x + at, v);
#pragma unroll
        for (int i = 0; i < V; i++) v[i] = apply(v[i], A(args.a), A(args.b));
        write<V>(args.y + at, v);
    }
};

// grid: one thread for each pack of 16 bytes and each element of the rest; block: 256
// shared: none
// reads: x; writes: y, which may be x
// the same bits for any place of an element; each element is computed alone
extern "C" __global__ void __launch_bounds__(256) unary(UnaryArgs args) {
    switch (args.kind) {
        case Scale: each_pack<Unary<Scale>>(args); break;
        case Offset: each_pack<Unary<Offset>>(args); break;
        case Clamp: each_pack<Unary<Clamp>>(args); break;
        case Relu: each_pack<Unary<Relu>>(args); break;
        case Silu: each_pack<Unary<Silu>>(args); break;
        case Sigmoid: each_pack<Unary<Sigmoid>>(args); break;
        case Exp: each_pack<Unary<Exp>>(args); break;
        case Log: each_pack<Unary<Log>>(args); break;
        case Sqrt: each_pack<Unary<Sqrt>>(args); break;
        case Square: each_pack<Unary<Square>>(args); break;
        case Reciprocal: each_pack<Unary<Reciprocal>>(args); break;
        case Abs: each_pack<Unary<Abs>>(args); break;
        default: each_pack<Unary<Sign>>(args); break;
    }
}
