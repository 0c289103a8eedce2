// Exponentials and logarithms of doubles made of sums and products alone: the bits of PortableMath on the host. Needs
// a compilation without contraction.
#ifndef CODAT_PORTABLE_MATH_CUH
#define CODAT_PORTABLE_MATH_CUH
#include "codat_common.cuh"

namespace portable {

constexpr double LN2_HIGH = 6.93147180369123816490e-01, LN2_LOW = 1.90821492927058770002e-10;
constexpr int LOG_TERMS = 11, GAP_TERMS = 17;

__device__ __forceinline__ double infinity() { return __longlong_as_double(0x7FF0000000000000ll); }

__device__ __forceinline__ double power_of_two(int power) { return __longlong_as_double((power + 1023ll) << 52); }

/// (e^x - 1 - x) / x^2 for |x| up to 0.35.
__device__ __forceinline__ double quadratic(double x) {
    double sum = 1;
    for (int n = 14; n > 2; n--) sum = 1 + x * sum / n;
    return 0.5 * sum;
}

/// 1/3 + s/5 + s^2/7 + ...: the logarithm's series after its first term.
__device__ __forceinline__ double tail(double s, int terms) {
    double sum = 0;
    for (int n = terms; n > 0; n--) sum = sum * s + 1.0 / (2 * n + 1);
    return sum;
}

__device__ inline double exp(double x) {
    if (x != x) return x;
    if (x > 709.782712893384) return infinity();
    if (x < -745.1332191019412) return 0;
    const int power = static_cast<int>(floor(x * 1.4426950408889634 + 0.5));
    const double rest = (x - power * LN2_HIGH) - power * LN2_LOW;
    const int half = power >> 1;
    return (1 + (rest + rest * rest * quadratic(rest))) * power_of_two(half) * power_of_two(power - half);
}

__device__ inline double exp_less_one(double x) {
    return fabs(x) < 0.34 ? x + x * x * quadratic(x) : exp(x) - 1;
}

__device__ inline double log(double x) {
    if (!(x > 0)) return x == 0 ? -infinity() : not_a_number();
    if (x == infinity()) return x;
    int power = 0;
    if (x < 2.2250738585072014e-308) {
        x *= 18014398509481984.0;
        power = -54;
    }
    const i64 bits = __double_as_longlong(x);
    power += static_cast<int>(bits >> 52) - 1023;
    double mantissa = __longlong_as_double((bits & 0xFFFFFFFFFFFFFll) | 0x3FF0000000000000ll);
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        power++;
    }
    const double f = mantissa - 1;
    const double z = f / (2 + f);
    return power * LN2_HIGH + (f - (z * (f - 2 * z * z * tail(z * z, LOG_TERMS)) - power * LN2_LOW));
}

/// y - log(1 + y) for |y| up to 1/2.
__device__ inline double log_gap(double y) {
    const double z = y / (2 + y);
    return 2 * z * z * (1 / (1 - z) - z * tail(z * z, GAP_TERMS));
}

}  // namespace portable

#endif
