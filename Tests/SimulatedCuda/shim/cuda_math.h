// Mathematical functions of device code: those of the host's library under the same names, with overloads for float.
#pragma once

#define CODAT_LIBRARY_1(NAME) \
    extern "C" double NAME(double) noexcept; \
    extern "C" float NAME##f(float) noexcept; \
    static inline float NAME(float x) { return NAME##f(x); }
#define CODAT_LIBRARY_2(NAME) \
    extern "C" double NAME(double, double) noexcept; \
    extern "C" float NAME##f(float, float) noexcept; \
    static inline float NAME(float x, float y) { return NAME##f(x, y); }

CODAT_LIBRARY_1(sqrt) CODAT_LIBRARY_1(cbrt) CODAT_LIBRARY_1(exp) CODAT_LIBRARY_1(exp2) CODAT_LIBRARY_1(expm1)
CODAT_LIBRARY_1(log) CODAT_LIBRARY_1(log2) CODAT_LIBRARY_1(log10) CODAT_LIBRARY_1(log1p)
CODAT_LIBRARY_1(sin) CODAT_LIBRARY_1(cos) CODAT_LIBRARY_1(tan) CODAT_LIBRARY_1(asin) CODAT_LIBRARY_1(acos)
CODAT_LIBRARY_1(atan) CODAT_LIBRARY_1(sinh) CODAT_LIBRARY_1(cosh) CODAT_LIBRARY_1(tanh) CODAT_LIBRARY_1(erf)
CODAT_LIBRARY_1(erfc) CODAT_LIBRARY_1(lgamma) CODAT_LIBRARY_1(tgamma) CODAT_LIBRARY_1(fabs) CODAT_LIBRARY_1(floor)
CODAT_LIBRARY_1(ceil) CODAT_LIBRARY_1(trunc) CODAT_LIBRARY_1(round) CODAT_LIBRARY_1(rint) CODAT_LIBRARY_1(nearbyint)
CODAT_LIBRARY_2(pow) CODAT_LIBRARY_2(fmod) CODAT_LIBRARY_2(atan2) CODAT_LIBRARY_2(hypot) CODAT_LIBRARY_2(copysign)
CODAT_LIBRARY_2(fmin) CODAT_LIBRARY_2(fmax) CODAT_LIBRARY_2(fdim) CODAT_LIBRARY_2(remainder)

#undef CODAT_LIBRARY_1
#undef CODAT_LIBRARY_2

extern "C" {
double fma(double, double, double) noexcept;
float fmaf(float, float, float) noexcept;
double ldexp(double, int) noexcept;
float ldexpf(float, int) noexcept;
double frexp(double, int*) noexcept;
float frexpf(float, int*) noexcept;
int ilogb(double) noexcept;
int ilogbf(float) noexcept;
int printf(const char*, ...);
}
static inline float fma(float x, float y, float z) { return fmaf(x, y, z); }
static inline float ldexp(float x, int e) { return ldexpf(x, e); }

static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float rsqrt(float x) { return rsqrtf(x); }
static inline float rcbrtf(float x) { return 1.0f / cbrtf(x); }
static inline float exp10f(float x) { return powf(10.0f, x); }
static inline double exp10(double x) { return pow(10.0, x); }
static inline void sincosf(float x, float* s, float* c) { *s = sinf(x); *c = cosf(x); }
static inline void sincos(double x, double* s, double* c) { *s = sin(x); *c = cos(x); }
static inline float cospif(float x) { return static_cast<float>(cos(3.14159265358979323846 * x)); }
static inline float sinpif(float x) { return static_cast<float>(sin(3.14159265358979323846 * x)); }
static inline double cospi(double x) { return cos(3.14159265358979323846 * x); }
static inline double sinpi(double x) { return sin(3.14159265358979323846 * x); }
static inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

static inline bool isnan(float x) { return __builtin_isnan(x); }
static inline bool isnan(double x) { return __builtin_isnan(x); }
static inline bool isinf(float x) { return __builtin_isinf(x); }
static inline bool isinf(double x) { return __builtin_isinf(x); }
static inline bool isfinite(float x) { return __builtin_isfinite(x); }
static inline bool isfinite(double x) { return __builtin_isfinite(x); }
static inline bool signbit(float x) { return __builtin_signbit(x); }
static inline bool signbit(double x) { return __builtin_signbit(x); }

#define CODAT_MIN_MAX(TYPE) \
    static inline TYPE min(TYPE a, TYPE b) { return b < a ? b : a; } \
    static inline TYPE max(TYPE a, TYPE b) { return a < b ? b : a; }
CODAT_MIN_MAX(int) CODAT_MIN_MAX(unsigned) CODAT_MIN_MAX(long) CODAT_MIN_MAX(unsigned long)
CODAT_MIN_MAX(long long) CODAT_MIN_MAX(unsigned long long)
#undef CODAT_MIN_MAX
static inline unsigned min(int a, unsigned b) { return min(static_cast<unsigned>(a), b); }
static inline unsigned min(unsigned a, int b) { return min(a, static_cast<unsigned>(b)); }
static inline unsigned max(int a, unsigned b) { return max(static_cast<unsigned>(a), b); }
static inline unsigned max(unsigned a, int b) { return max(a, static_cast<unsigned>(b)); }
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }
static inline double min(float a, double b) { return fmin(a, b); }
static inline double min(double a, float b) { return fmin(a, b); }
static inline double max(float a, double b) { return fmax(a, b); }
static inline double max(double a, float b) { return fmax(a, b); }

static inline int abs(int x) { return x < 0 ? -x : x; }
static inline long abs(long x) { return x < 0 ? -x : x; }
static inline long long abs(long long x) { return x < 0 ? -x : x; }
static inline float abs(float x) { return fabsf(x); }
static inline double abs(double x) { return fabs(x); }
