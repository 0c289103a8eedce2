// Rows of logits, one warp each. Rows are short, so everything is in double.
#ifndef CODAT_LOGITS_CUH
#define CODAT_LOGITS_CUH
#include "codat_common.cuh"

constexpr int ROWS_PER_BLOCK = 8;      // one warp each

__device__ __forceinline__ int lane_of_warp() { return static_cast<int>(threadIdx.x) & 31; }

__device__ __forceinline__ i64 row_of_warp() {
    return blockIdx.x * static_cast<i64>(ROWS_PER_BLOCK) + (threadIdx.x >> 5);
}

/// The largest logit of a row, and the logarithm of the sum of exponentials relative to it.
struct Softmax {
    double max, log_sum;

    __device__ __forceinline__ Softmax(const T* row, int classes) {
        double largest = -__longlong_as_double(0x7FF0000000000000ll);
        for (int k = lane_of_warp(); k < classes; k += 32) largest = fmax(largest, static_cast<double>(widen(row[k])));
#pragma unroll
        for (int lanes = 16; lanes > 0; lanes >>= 1)
            largest = fmax(largest, __shfl_xor_sync(ALL_LANES, largest, lanes));
        // The largest one skips a NaN, the sum does not.
        double sum = 0;
        for (int k = lane_of_warp(); k < classes; k += 32) sum += exp(widen(row[k]) - largest);
        max = largest;
        log_sum = log(warp_sum(sum));
    }

    __device__ __forceinline__ double probability(T logit) const { return exp(widen(logit) - max - log_sum); }
};

#endif
