// Shared by all kernels: element types, 16-byte packs, loops over elements and columns, fixed-order sums, Philox.
// No CUDA header is included: whatever is used here is built into the compiler.
// All kernels are compiled with fmad=false, so that a product and a sum round apart as they do on the host; where one
// rounding is wanted, the source says fma.
#ifndef CODAT_COMMON_CUH
#define CODAT_COMMON_CUH

typedef long long i64;
typedef unsigned long long u64;
typedef unsigned int u32;

/// The upper half of a float: eight bits of exponent, seven of fraction.
struct bf16 {
    unsigned short bits;
};

// The element type of activations and their gradients: float, double or bf16.
#ifndef ELEMENT
#define ELEMENT float
#endif

template <class E> struct Element { typedef E Math; };
template <> struct Element<bf16> { typedef float Math; };

typedef ELEMENT T;
/// What elements are computed in, and what parameters, statistics and losses are stored in.
typedef Element<T>::Math A;

/// Elements in 16 bytes.
constexpr int WIDE = 16 / sizeof(T);

__device__ __forceinline__ float widen(float v) { return v; }
__device__ __forceinline__ double widen(double v) { return v; }
__device__ __forceinline__ float widen(bf16 v) { return __uint_as_float(static_cast<u32>(v.bits) << 16); }

/// The nearest element, ties to even; a NaN stays one.
template <class E> __device__ __forceinline__ E narrow(typename Element<E>::Math v) { return v; }
template <> __device__ __forceinline__ bf16 narrow<bf16>(float v) {
    const u32 bits = __float_as_uint(v);
    const u32 rounded = (bits & 0x7FFFFFFFu) > 0x7F800000u ? bits | 0x400000u : bits + 0x7FFFu + (bits >> 16 & 1u);
    bf16 result;
    result.bits = static_cast<unsigned short>(rounded >> 16);
    return result;
}

/// V elements that move as one.
template <class E, int V> struct alignas(sizeof(E) * V) Pack {
    E at[V];
};

/// How many of V elements move as one: 16 bytes at most.
template <class E, int V> constexpr int PACKED = V * sizeof(E) > 16 ? 16 / sizeof(E) : V;

template <int V, class E>
__device__ __forceinline__ void read(const E* from, typename Element<E>::Math (&values)[V]) {
    constexpr int ONE = PACKED<E, V>;
#pragma unroll
    for (int first = 0; first < V; first += ONE) {
        const Pack<E, ONE> pack = *reinterpret_cast<const Pack<E, ONE>*>(from + first);
#pragma unroll
        for (int i = 0; i < ONE; i++) values[first + i] = widen(pack.at[i]);
    }
}

template <int V, class E>
__device__ __forceinline__ void write(E* to, const typename Element<E>::Math (&values)[V]) {
    constexpr int ONE = PACKED<E, V>;
#pragma unroll
    for (int first = 0; first < V; first += ONE) {
        Pack<E, ONE> pack;
#pragma unroll
        for (int i = 0; i < ONE; i++) pack.at[i] = narrow<E>(values[first + i]);
        *reinterpret_cast<Pack<E, ONE>*>(to + first) = pack;
    }
}

__device__ __forceinline__ i64 thread_index() { return blockIdx.x * static_cast<i64>(blockDim.x) + threadIdx.x; }

/// Calls Body::run<V>(args, at) for this thread's elements of args.count: one of the first args.packs packs, or one
/// element of the rest. The host sets packs to 0 where an address is not aligned to 16 bytes, and starts one thread for
/// each pack and each element of the rest.
template <class Body, class Args> __device__ __forceinline__ void each_pack(const Args& args) {
    const i64 i = thread_index();
    if (i < args.packs) {
        Body::template run<WIDE>(args, i * WIDE);
    } else {
        const i64 at = args.packs * WIDE + (i - args.packs);
        if (at < args.count) Body::template run<1>(args, at);
    }
}

/// A (rows, channels) matrix cut into blocks of threads: x runs over packs of channels, y over rows. blockIdx.x counts
/// row tiles, blockIdx.y column tiles.
struct Columns {
    i64 rows;
    int channels;
    int rows_per_thread;
};

/// The rows of one thread: for (row = first; row < last; row += step).
struct Rows {
    i64 first, last;
    int step;

    __device__ __forceinline__ explicit Rows(const Columns& columns) {
        const i64 tile = static_cast<i64>(blockDim.y) * columns.rows_per_thread;
        first = blockIdx.x * tile;
        last = first + tile < columns.rows ? first + tile : columns.rows;
        first += threadIdx.y;
        step = static_cast<int>(blockDim.y);
    }
};

/// The channels of a block's columns, in packs of V: those of one thread, and all of them for one-off work.
template <int V> struct BlockChannels {
    int base, count;

    __device__ __forceinline__ explicit BlockChannels(int channels) {
        base = static_cast<int>(blockIdx.y * blockDim.x) * V;
        const int all = static_cast<int>(blockDim.x) * V;
        count = channels - base < all ? channels - base : all;
    }

    /// This thread's first channel, counted from base; it has none where this is not below count.
    __device__ __forceinline__ int own() const { return static_cast<int>(threadIdx.x) * V; }
};

__device__ __forceinline__ int thread_of_block() { return threadIdx.y * blockDim.x + threadIdx.x; }

__device__ __forceinline__ int threads_of_block() { return blockDim.x * blockDim.y; }

/// Most channels of a block's columns.
constexpr int BLOCK_CHANNELS = 32 * WIDE;

constexpr u32 ALL_LANES = 0xFFFFFFFFu;

/// The sum over a warp, in every lane: a butterfly, so that all lanes have the same bits.
template <class V> __device__ __forceinline__ V warp_sum(V value) {
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes >>= 1) value += __shfl_xor_sync(ALL_LANES, value, lanes);
    return value;
}

/// The sum over a block of whole warps, in every thread: warps first, then their sums in order. `shared` has 32 places.
__device__ __forceinline__ double block_sum(double value, double* shared) {
    const int thread = thread_of_block();
    const int warps = threads_of_block() / 32;
    value = warp_sum(value);
    if ((thread & 31) == 0) shared[thread >> 5] = value;
    __syncthreads();
    double total = 0;
    for (int warp = 0; warp < warps; warp++) total += shared[warp];
    __syncthreads();
    return total;
}

__device__ __forceinline__ double not_a_number() { return __longlong_as_double(0x7FF8000000000000ll); }

__device__ __forceinline__ bool is_label(int label, int classes) {
    return static_cast<u32>(label) < static_cast<u32>(classes);
}

/// x limited to [low, high]; a NaN stays one.
template <class V> __device__ __forceinline__ V clamp(V x, V low, V high) {
    return x < low ? low : x > high ? high : x;
}

/// max(x, 0) written as a select, so that a NaN stays one and reaches the sentinel.
__device__ __forceinline__ A relu(A v) { return v < A(0) ? A(0) : v; }

/// Four random words.
struct Words {
    u32 at[4];
};

/// Philox4x32-10 (Salmon et al. 2011), the same words as on the host.
__device__ __forceinline__ Words philox(u64 seed, u32 c0, u32 c1, u32 c2, u32 c3) {
    u32 k0 = static_cast<u32>(seed), k1 = static_cast<u32>(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const u32 high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        const u32 high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return Words{{c0, c1, c2, c3}};
}

/// The third counter word of a use.
__device__ __forceinline__ u32 philox_use(int purpose, int restart) {
    return static_cast<u32>(purpose) << 24 | static_cast<u32>(restart) << 12;
}

/// A word as a number in [0,1) with 24 bits.
__device__ __forceinline__ float uniform(u32 word) { return static_cast<float>(word >> 8) * (1.0f / 16777216.0f); }

/// Four words as four standard normal numbers (Box and Muller), in double as on the host.
__device__ __forceinline__ void normals(const Words& words, double (&values)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i += 2) {
        const double radius = sqrt(-2.0 * log(((words.at[i] >> 8) + 0.5) / 16777216.0));
        const double angle = 2.0 * 3.141592653589793 * ((words.at[i + 1] >> 8) / 16777216.0);
        values[i] = radius * cos(angle);
        values[i + 1] = radius * sin(angle);
    }
}

#endif
