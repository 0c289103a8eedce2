// Vector types of the CUDA language with their sizes and alignments.
#pragma once

typedef decltype(sizeof(0)) size_t;

#define CODAT_VECTOR_2(NAME, TYPE, ALIGN) \
    struct __attribute__((aligned(ALIGN))) NAME { TYPE x, y; }; \
    static inline NAME make_##NAME(TYPE x, TYPE y) { return NAME{x, y}; }
#define CODAT_VECTOR_3(NAME, TYPE) \
    struct NAME { TYPE x, y, z; }; \
    static inline NAME make_##NAME(TYPE x, TYPE y, TYPE z) { return NAME{x, y, z}; }
#define CODAT_VECTOR_4(NAME, TYPE, ALIGN) \
    struct __attribute__((aligned(ALIGN))) NAME { TYPE x, y, z, w; }; \
    static inline NAME make_##NAME(TYPE x, TYPE y, TYPE z, TYPE w) { return NAME{x, y, z, w}; }

CODAT_VECTOR_2(char2, signed char, 2)
CODAT_VECTOR_4(char4, signed char, 4)
CODAT_VECTOR_2(uchar2, unsigned char, 2)
CODAT_VECTOR_3(uchar3, unsigned char)
CODAT_VECTOR_4(uchar4, unsigned char, 4)
CODAT_VECTOR_2(short2, short, 4)
CODAT_VECTOR_4(short4, short, 8)
CODAT_VECTOR_2(ushort2, unsigned short, 4)
CODAT_VECTOR_4(ushort4, unsigned short, 8)
CODAT_VECTOR_2(int2, int, 8)
CODAT_VECTOR_3(int3, int)
CODAT_VECTOR_4(int4, int, 16)
CODAT_VECTOR_2(uint2, unsigned, 8)
CODAT_VECTOR_3(uint3, unsigned)
CODAT_VECTOR_4(uint4, unsigned, 16)
CODAT_VECTOR_2(longlong2, long long, 16)
CODAT_VECTOR_2(ulonglong2, unsigned long long, 16)
CODAT_VECTOR_2(float2, float, 8)
CODAT_VECTOR_3(float3, float)
CODAT_VECTOR_4(float4, float, 16)
CODAT_VECTOR_2(double2, double, 16)
CODAT_VECTOR_3(double3, double)

#undef CODAT_VECTOR_2
#undef CODAT_VECTOR_3
#undef CODAT_VECTOR_4

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
    constexpr operator uint3() const { return uint3{x, y, z}; }
};

namespace codat_sim {

static inline const uint3 to_uint3(const Index3& v) { return uint3{v.x, v.y, v.z}; }
static inline const uint3 thread_index() { return to_uint3(codat_sim_state.thread); }
static inline const uint3 block_index() { return to_uint3(codat_sim_state.block); }
static inline const dim3 block_dimensions() { return to_uint3(codat_sim_state.block_dim); }
static inline const dim3 grid_dimensions() { return to_uint3(codat_sim_state.grid_dim); }

}
