// Intrinsics of device code: bit casts, conversions, arithmetic with a stated rounding, cached loads.
#pragma once

template <class To, class From> static inline To codat_bits(From value) {
    static_assert(sizeof(To) == sizeof(From));
    To result;
    __builtin_memcpy(&result, &value, sizeof result);
    return result;
}

static inline int __float_as_int(float x) { return codat_bits<int>(x); }
static inline unsigned __float_as_uint(float x) { return codat_bits<unsigned>(x); }
static inline float __int_as_float(int x) { return codat_bits<float>(x); }
static inline float __uint_as_float(unsigned x) { return codat_bits<float>(x); }
static inline long long __double_as_longlong(double x) { return codat_bits<long long>(x); }
static inline double __longlong_as_double(long long x) { return codat_bits<double>(x); }
static inline int __double2hiint(double x) { return static_cast<int>(__double_as_longlong(x) >> 32); }
static inline int __double2loint(double x) { return static_cast<int>(__double_as_longlong(x)); }
static inline double __hiloint2double(int high, int low) {
    return __longlong_as_double(static_cast<long long>(high) << 32 | static_cast<unsigned>(low));
}

// A rounded result must not melt into a fused multiply-add with its user, so it passes through an opaque statement.
#if defined(__x86_64__)
#define CODAT_ROUNDED(value) asm volatile("" : "+x"(value))
#elif defined(__aarch64__)
#define CODAT_ROUNDED(value) asm volatile("" : "+w"(value))
#else
#define CODAT_ROUNDED(value) asm volatile("" : "+m"(value))
#endif
#define CODAT_ROUNDED_2(NAME, TYPE, EXPRESSION) \
    static inline TYPE NAME(TYPE x, TYPE y) { TYPE r = EXPRESSION; CODAT_ROUNDED(r); return r; }
CODAT_ROUNDED_2(__fadd_rn, float, x + y)
CODAT_ROUNDED_2(__fsub_rn, float, x - y)
CODAT_ROUNDED_2(__fmul_rn, float, x * y)
CODAT_ROUNDED_2(__fdiv_rn, float, x / y)
CODAT_ROUNDED_2(__dadd_rn, double, x + y)
CODAT_ROUNDED_2(__dsub_rn, double, x - y)
CODAT_ROUNDED_2(__dmul_rn, double, x * y)
CODAT_ROUNDED_2(__ddiv_rn, double, x / y)
#undef CODAT_ROUNDED_2
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline double __fma_rn(double x, double y, double z) { return fma(x, y, z); }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline double __dsqrt_rn(double x) { return sqrt(x); }
static inline float __frcp_rn(float x) { float r = 1.0f / x; CODAT_ROUNDED(r); return r; }
static inline double __drcp_rn(double x) { double r = 1.0 / x; CODAT_ROUNDED(r); return r; }
static inline float __frsqrt_rn(float x) { return static_cast<float>(1.0 / sqrt(static_cast<double>(x))); }

static inline float __fdividef(float x, float y) { return x / y; }
static inline float __expf(float x) { return expf(x); }
static inline float __exp10f(float x) { return exp10f(x); }
static inline float __logf(float x) { return logf(x); }
static inline float __log2f(float x) { return log2f(x); }
static inline float __log10f(float x) { return log10f(x); }
static inline float __powf(float x, float y) { return powf(x, y); }
static inline float __sinf(float x) { return sinf(x); }
static inline float __cosf(float x) { return cosf(x); }
static inline float __tanf(float x) { return tanf(x); }

namespace codat_sim {

// Conversions to integers saturate and send NaN to zero, as the hardware does.
template <class To, class From> static inline To saturate(From x, From low, From beyond) {
    constexpr To smallest = To(-1) < To(0) ? To(1ULL << (sizeof(To) * 8 - 1)) : To(0);
    if (x != x) return 0;
    if (x < low) return smallest;
    if (x >= beyond) return To(~smallest);
    return static_cast<To>(x);
}
static inline int to_int(double x) { return saturate<int, double>(x, -2147483648.0, 2147483648.0); }
static inline unsigned to_uint(double x) { return saturate<unsigned, double>(x, 0.0, 4294967296.0); }
static inline long long to_longlong(double x) {
    return saturate<long long, double>(x, -9223372036854775808.0, 9223372036854775808.0);
}

}

static inline int __float2int_rn(float x) { return codat_sim::to_int(rint(static_cast<double>(x))); }
static inline int __float2int_rz(float x) { return codat_sim::to_int(trunc(static_cast<double>(x))); }
static inline int __float2int_rd(float x) { return codat_sim::to_int(floor(static_cast<double>(x))); }
static inline int __float2int_ru(float x) { return codat_sim::to_int(ceil(static_cast<double>(x))); }
static inline unsigned __float2uint_rn(float x) { return codat_sim::to_uint(rint(static_cast<double>(x))); }
static inline unsigned __float2uint_rz(float x) { return codat_sim::to_uint(trunc(static_cast<double>(x))); }
static inline unsigned __float2uint_rd(float x) { return codat_sim::to_uint(floor(static_cast<double>(x))); }
static inline int __double2int_rn(double x) { return codat_sim::to_int(rint(x)); }
static inline int __double2int_rz(double x) { return codat_sim::to_int(trunc(x)); }
static inline long long __double2ll_rn(double x) { return codat_sim::to_longlong(rint(x)); }
static inline long long __double2ll_rz(double x) { return codat_sim::to_longlong(trunc(x)); }
static inline float __double2float_rn(double x) { return static_cast<float>(x); }
static inline float __int2float_rn(int x) { return static_cast<float>(x); }
static inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
static inline float __ll2float_rn(long long x) { return static_cast<float>(x); }
static inline double __int2double_rn(int x) { return x; }
static inline double __uint2double_rn(unsigned x) { return x; }
static inline double __ll2double_rn(long long x) { return static_cast<double>(x); }
static inline double __ull2double_rn(unsigned long long x) { return static_cast<double>(x); }

static inline unsigned __umulhi(unsigned x, unsigned y) {
    return static_cast<unsigned>(static_cast<unsigned long long>(x) * y >> 32);
}
static inline int __mulhi(int x, int y) { return static_cast<int>(static_cast<long long>(x) * y >> 32); }
static inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
    return static_cast<unsigned long long>(static_cast<unsigned __int128>(x) * y >> 64);
}
static inline long long __mul64hi(long long x, long long y) {
    return static_cast<long long>(static_cast<__int128>(x) * y >> 64);
}
static inline int __mul24(int x, int y) { return (x << 8 >> 8) * (y << 8 >> 8); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
static inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x)); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __brev(unsigned x) {
    unsigned r = 0;
    for (int bit = 0; bit < 32; bit++) r |= (x >> bit & 1u) << (31 - bit);
    return r;
}
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    shift &= 31;
    return shift == 0 ? high : high << shift | low >> (32 - shift);
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    shift &= 31;
    return shift == 0 ? low : high << (32 - shift) | low >> shift;
}
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    unsigned long long both = static_cast<unsigned long long>(y) << 32 | x;
    unsigned r = 0;
    for (int i = 0; i < 4; i++) {
        unsigned choice = selector >> (4 * i) & 0xFu;
        unsigned byte = static_cast<unsigned>(both >> (8 * (choice & 7u))) & 0xFFu;
        if (choice & 8u) byte = byte & 0x80u ? 0xFFu : 0u;
        r |= byte << (8 * i);
    }
    return r;
}

template <class T> static inline T __ldg(const T* address) { return *address; }
template <class T> static inline T __ldcg(const T* address) { return *address; }
template <class T> static inline T __ldca(const T* address) { return *address; }
template <class T> static inline T __ldcs(const T* address) { return *address; }
template <class T> static inline T __ldcv(const T* address) { return *address; }
template <class T> static inline void __stwb(T* address, T value) { *address = value; }
template <class T> static inline void __stcg(T* address, T value) { *address = value; }
template <class T> static inline void __stcs(T* address, T value) { *address = value; }
template <class T> static inline void __stwt(T* address, T value) { *address = value; }
