// Kernels for the self test of the engine.
struct SumArgs { const float* x; float* out; int n; };
struct ThreadArgs { int* out; int n; };

static_assert(sizeof(SumArgs) == 24, "layout");

__device__ __forceinline__ float warp_sum(float v) {
    for (int delta = 16; delta > 0; delta >>= 1) v += __shfl_down_sync(0xFFFFFFFFu, v, delta);
    return v;
}

extern "C" __global__ void __launch_bounds__(256) block_sum(const SumArgs args) {
    __shared__ float partial[8];
    float v = 0.0f;
    for (int i = threadIdx.x; i < args.n; i += blockDim.x) v += args.x[i];
    v = warp_sum(v);
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = v;
    __syncthreads();
    if (threadIdx.x == 0) {
        float total = 0.0f;
        for (int w = 0; w < (int)blockDim.x / 32; w++) total += partial[w];
        args.out[blockIdx.x] = total;
    }
}

extern "C" __global__ void reverse(const ThreadArgs args) {
    extern __shared__ __align__(16) int buffer[];
    int i = threadIdx.x;
    buffer[i] = i;
    __syncthreads();
    args.out[i] = buffer[args.n - 1 - i];
}

extern "C" __global__ void missing_barrier(const ThreadArgs args) {
    __shared__ int buffer[256];
    buffer[threadIdx.x] = threadIdx.x;
    args.out[threadIdx.x] = buffer[(threadIdx.x + args.n - 1) % args.n];
}

extern "C" __global__ void divergent(const ThreadArgs args) {
    if ((int)threadIdx.x < args.n) return;
    __syncthreads();
}

extern "C" __global__ void two_barriers(const ThreadArgs args) {
    if ((int)threadIdx.x < args.n) __syncthreads();
    else
        __syncthreads();
}

extern "C" __global__ void never_ends(const ThreadArgs args) {
    while (*(volatile int*)args.out == 0) {}
}

extern "C" __global__ void wild_write(const ThreadArgs args) { *(volatile int*)(8) = args.n; }

extern "C" __global__ void overruns_shared(const ThreadArgs args) {
    extern __shared__ int words[];
    words[args.n] = 1;
}

extern "C" __global__ void votes(const ThreadArgs args) {
    unsigned mask = 0xFFFFFFFFu;
    int lane = threadIdx.x;
    args.out[lane] = (int)__ballot_sync(mask, lane % 2) ^ __shfl_xor_sync(mask, lane, 1)
        ^ (int)(__shfl_up_sync(mask, (double)lane, 3)) ^ __all_sync(mask, 1) ^ (__any_sync(mask, lane == 99) << 8)
        ^ __syncthreads_count(lane < 5);
}

template <class T> __device__ T through_shared(T value) {
    __shared__ T slot[32];
    slot[threadIdx.x] = value;
    __syncwarp();
    return slot[31 - threadIdx.x];
}

extern "C" __global__ void contract(const SumArgs args) {
    args.out[0] = __fadd_rn(__fmul_rn(args.x[0], args.x[0]), args.x[1]);
    args.out[1] = fmaf(args.x[0], args.x[0], args.x[1]);
}

#ifdef WITH_TEMPLATE
extern "C" __global__ void uses_template(const ThreadArgs args) {
    args.out[threadIdx.x] = through_shared((int)threadIdx.x);
}
#endif
