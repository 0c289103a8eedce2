// The CUDA language for a host compiler: our .cu files are compiled with this header in front and run by the engine.
// It declares only what NVRTC knows without any include, so that a kernel that compiles here has a chance there.
// The words __global__, __launch_bounds__ and __shared__ are left for kernel_source.cpp, which rewrites them.
#pragma once
#include "kernel_abi.h"

extern "C" {
extern codat_sim::KernelState codat_sim_state;
extern unsigned char codat_sim_dynamic_shared[];
}

#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __grid_constant__
#define __CUDACC__ 1
#define __CUDACC_RTC__ 1
#define CODAT_HOST_KERNEL 1

#include "cuda_types.h"
#include "cuda_math.h"
#include "cuda_intrinsics.h"
#include "cuda_warp.h"
#include "cuda_atomics.h"

#define threadIdx (codat_sim::thread_index())
#define blockIdx (codat_sim::block_index())
#define blockDim (codat_sim::block_dimensions())
#define gridDim (codat_sim::grid_dimensions())
#define warpSize 32

namespace codat_sim {

template <class T> struct Plain { using Type = T; };
template <class T> struct Plain<const T> { using Type = T; };

template <int... I> struct Numbers {};
template <int N, int... I> struct Count : Count<N - 1, N - 1, I...> {};
template <int... I> struct Count<0, I...> { using Type = Numbers<I...>; };

template <auto Function> struct Entry;

/// Calls a kernel with its parameters copied from an array of pointers, as a launch does.
template <class... A, void (*Function)(A...)> struct Entry<Function> {
    static constexpr unsigned long sizes[sizeof...(A) + 1] = {sizeof(A)..., 0};

    template <int... I> static void unpack(void** parameters, Numbers<I...>) {
        Function(*static_cast<typename Plain<A>::Type*>(parameters[I])...);
    }

    static void invoke(void** parameters) { unpack(parameters, typename Count<sizeof...(A)>::Type{}); }

    static constexpr KernelEntry describe(const char* name, int max_threads) {
        return {name, static_cast<int>(sizeof...(A)), sizes, max_threads, &invoke};
    }
};

/// The first number of __launch_bounds__; 0 where it was not given.
constexpr int first(int value = 0, int = 0, int = 0) { return value; }

}
