// What the threads of one block do together over classes: ordered sums, least and largest numbers, counts.
#ifndef CODAT_CLASS_BLOCK_CUH
#define CODAT_CLASS_BLOCK_CUH
#include "codat_common.cuh"

constexpr int BLOCK = 256;
constexpr int NO_CLASS = 0x7FFFFFFF;

__device__ __forceinline__ bool is_finite(double x) { return x - x == 0; }

__device__ __forceinline__ double positive_part(double x) { return x < 0 ? 0 : x; }

/// A running sum whose rounding error does not grow with the number of terms (Neumaier's variant of Kahan).
struct CompensatedSum {
    double sum, error;

    __device__ __forceinline__ void add(double term) {
        const double total = sum + term;
        error += fabs(sum) >= fabs(term) ? (sum - total) + term : (term - total) + sum;
        sum = total;
    }
};

/// What threads hand to each other.
struct Shared {
    double value;
    int first, count;
    double reduction[32];
};

/// Calls `body` with each of the first `count` numbers, shared out among the threads of the block. Rolled up: a thread
/// has at most a few classes, and what is unrolled only makes the code longer.
template <typename Body>
__device__ __forceinline__ void each(int count, Body body) {
#pragma unroll 1
    for (int k = threadIdx.x; k < count; k += BLOCK) body(k);
}

/// The compensated sum of `count` terms in order, by one thread, for all. Not inlined: a step sums a dozen times, runs
/// once, and waits for its code to arrive.
__device__ __noinline__ double sum_of(const double* terms, int count, double* result) {
    __syncthreads();
    if (threadIdx.x == 0) {
        CompensatedSum sum = {};
        for (int i = 0; i < count; i++) sum.add(terms[i]);
        *result = sum.sum + sum.error;
    }
    __syncthreads();
    return *result;
}

/// One block at work: every member function is called by all threads, and ends with all of them having the result.
struct ClassBlock {
    Shared& shared;
    double* const terms;      // what is to be summed, one for each class

    __device__ ClassBlock(Shared& s, double* t) : shared(s), terms(t) {}

    /// The compensated sum of the first `count` terms, in order.
    __device__ double sum_terms(int count) { return sum_of(terms, count, &shared.value); }

    /// The least of the numbers the threads bring.
    __device__ int least(int value) {
        __syncthreads();
        if (threadIdx.x == 0) shared.first = NO_CLASS;
        __syncthreads();
        if (value != NO_CLASS) atomicMin(&shared.first, value);
        __syncthreads();
        return shared.first;
    }

    __device__ int count_all(int value) {
        __syncthreads();
        if (threadIdx.x == 0) shared.count = 0;
        __syncthreads();
        if (value != 0) atomicAdd(&shared.count, value);
        __syncthreads();
        return shared.count;
    }

    /// The largest of the numbers the threads bring, none of them not-a-number.
    __device__ double largest(double value) {
#pragma unroll
        for (int lanes = 16; lanes > 0; lanes >>= 1) value = fmax(value, __shfl_xor_sync(ALL_LANES, value, lanes));
        __syncthreads();
        if ((threadIdx.x & 31) == 0) shared.reduction[threadIdx.x >> 5] = value;
        __syncthreads();
        for (int warp = 0; warp < BLOCK / 32; warp++) value = fmax(value, shared.reduction[warp]);
        return value;
    }
};

#endif
