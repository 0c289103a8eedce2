// The worst class distribution in a chi-square ball around a prior, as published and exact, by one block, with the bits
// of the host's solver.
#ifndef CODAT_CLASS_SOLVER_CUH
#define CODAT_CLASS_SOLVER_CUH
#include "class_block.cuh"

// The numbers of DroStatus on the host.
enum Status { Ok, RiskNotFinite, PriorInvalid, RadiusInvalid, NoClass };

/// What a solver returns beside the weights.
struct Solution {
    double variance, excess, min_weight;
    int negative;
};

struct ClassSolver : ClassBlock {
    const int classes;
    const double* const prior;
    const double* const risk;
    const int* const present;
    double* const keys;       // negated scaled risks in falling order of the risk
    double* const left;       // prior mass of the classes after a place in that order
    int* const order;

    // The classes that take part, their prior renormalised to 1, their risks scaled by a power of two and centred.
    double total, inverse, rough_mean, shift, mean, scaled_variance;
    int members;

    /// `workspace` has room for (4, K): terms, keys, left, order.
    __device__ ClassSolver(Shared& s, int k, const double* p, const double* r, const int* there, double* workspace)
        : ClassBlock(s, workspace), classes(k), prior(p), risk(r), present(there), keys(workspace + k),
          left(workspace + 2 * k), order(reinterpret_cast<int*>(workspace + 3 * k)) {}

    __device__ __forceinline__ bool contains(int k) const { return present[k] != 0 && prior[k] > 0; }

    __device__ __forceinline__ double share(int k) const { return prior[k] / total; }

    __device__ __forceinline__ double scaled(int k) const { return risk[k] * inverse; }

    __device__ __forceinline__ double centred(int k) const { return (scaled(k) - rough_mean) - shift; }

    /// Checks prior and risks and centres the risks; a status and the class it is about.
    __device__ int prepare(int& bad) {
        int first = NO_CLASS, count = 0;
        each(classes, [&](int k) {
            if (!(is_finite(prior[k]) && prior[k] >= 0) && k < first) first = k;
            terms[k] = contains(k) ? prior[k] : 0;
            count += contains(k);
        });
        bad = least(first);
        if (bad != NO_CLASS) return PriorInvalid;
        bad = -1;
        members = count_all(count);
        if (members == 0) return NoClass;
        // A prior whose sum is this close to 1 is taken as it is: dividing would only disturb its last bits.
        const double sum = sum_terms(classes);
        total = fabs(sum - 1) <= 4 * 2.220446049250313e-16 ? 1 : sum;
        if (!is_finite(total)) return PriorInvalid;

        first = NO_CLASS;
        each(classes, [&](int k) { if (contains(k) && !is_finite(risk[k]) && k < first) first = k; });
        bad = least(first);
        if (bad != NO_CLASS) return RiskNotFinite;
        bad = -1;
        const double infinity = __longlong_as_double(0x7FF0000000000000ll);
        double max = -infinity, negated_min = -infinity;
        each(classes, [&](int k) {
            if (!contains(k)) return;
            max = fmax(max, risk[k]);
            negated_min = fmax(negated_min, -risk[k]);
        });
        max = largest(max);
        const double min = -largest(negated_min);
        inverse = power_that_scales(fmax(fabs(min), fabs(max)));
        centre(max == min, max);
        return Ok;
    }

    /// 2^-e for a number in [2^e, 2^(e+1)), with e within what a double and its reciprocal can hold.
    static __device__ double power_that_scales(double number) {
        const i64 bits = __double_as_longlong(number);
        i64 exponent = number == 0 ? 0 : (bits >> 52 & 0x7FF) - 1023;
        exponent = exponent < -1022 ? -1022 : exponent > 1022 ? 1022 : exponent;
        return __longlong_as_double(1023 - exponent << 52);
    }

    __device__ void centre(bool is_constant, double constant) {
        rough_mean = constant * inverse;
        shift = 0;
        if (!is_constant) {
            each(classes, [&](int k) { terms[k] = contains(k) ? share(k) * scaled(k) : 0; });
            rough_mean = sum_terms(classes);
            each(classes, [&](int k) { terms[k] = contains(k) ? share(k) * (scaled(k) - rough_mean) : 0; });
            shift = sum_terms(classes);
        }
        mean = (rough_mean + shift) * (1 / inverse);
        scaled_variance = 0;
        if (is_constant) return;
        each(classes, [&](int k) { terms[k] = contains(k) ? share(k) * centred(k) * centred(k) : 0; });
        scaled_variance = sum_terms(classes);
    }

    __device__ Solution summarise(const double* weights, double scaled_excess) {
        int negative = 0;
        double negated_min = -__longlong_as_double(0x7FF0000000000000ll);
        each(classes, [&](int k) {
            if (!contains(k)) return;
            negative += weights[k] < 0;
            negated_min = fmax(negated_min, -weights[k]);
        });
        const double scale = 1 / inverse;
        return {scaled_variance * scale * scale, scaled_excess * scale, -largest(negated_min), count_all(negative)};
    }

    /// p0 (1 + sqrt(eta / v) (H - m)), which may be negative.
    __device__ Solution solve_published(double eta, double* weights) {
        const double deviation = sqrt(scaled_variance);
        const double slope = deviation > 0 ? sqrt(eta) / deviation : 0;
        each(classes, [&](int k) { weights[k] = contains(k) ? share(k) * (1 + slope * centred(k)) : 0; });
        __syncthreads();
        return summarise(weights, sqrt(eta) * deviation);
    }

    /// Places classes by falling risk, equal risks by class: each counts those before it.
    __device__ void sort() {
        each(classes, [&](int k) {
            if (!contains(k)) return;
            const double key = -scaled(k);
            int place = 0;
#pragma unroll 1
            for (int j = 0; j < classes; j++) {
                if (!contains(j)) continue;
                const double other = -scaled(j);
                place += other < key || (other == key && j < k);
            }
            keys[place] = key;
            order[place] = k;
        });
        __syncthreads();
    }

    /// The number of classes with a positive weight: classes are taken in falling order of the risk for as long as
    /// Q M2 > (eta Q - R) S1^2; the sums grow by non-negative terms, so nothing cancels.
    __device__ int count_active(double eta) {
        if (threadIdx.x == 0) {
            left[members - 1] = 0;
#pragma unroll 1
            for (int j = members - 1; j > 0; j--) left[j - 1] = left[j] + share(order[j]);
            double mass = share(order[0]), first = 0, second = 0;
            int active = 1;
            for (; active < members; active++) {
                const double gap = keys[active] - keys[active - 1];
                first += mass * gap;
                // Classes of equal risk enter together: only a real step down is tested.
                if (gap > 0 && mass * second <= (eta * mass - left[active - 1]) * first * first) break;
                const double p = share(order[active]);
                second += p / (mass * (mass + p)) * first * first;
                mass += p;
            }
            shared.count = active;
        }
        __syncthreads();
        return shared.count;
    }

    /// Weights p0 ((H - H_last) + delta) / T on the active classes, which reach the radius exactly.
    __device__ Solution solve_exact(double eta, double* weights) {
        sort();
        const int active = count_active(eta);
        const double last = keys[active - 1], rest = left[active - 1];
        each(classes, [&](int k) { weights[k] = 0; });
        each(active, [&](int j) { terms[j] = share(order[j]); });
        const double mass = sum_terms(active);
        each(active, [&](int j) { terms[j] = share(order[j]) * (last - keys[j]); });
        const double first = sum_terms(active);
        const double active_mean = first / mass;
        each(active, [&](int j) {
            const double from_mean = (last - keys[j]) - active_mean;
            terms[j] = share(order[j]) * from_mean * from_mean;
        });
        const double second = sum_terms(active);
        const double scale = sqrt(mass * second / (eta * mass - rest));
        // Only the largest risk is left (or deviations too small for a double): share by the prior.
        const bool is_tie = last == keys[0] || !(scale > 0) || !is_finite(scale);
        const double delta = is_tie ? 0 : positive_part((scale - first) / mass);
        each(active, [&](int j) {
            weights[order[j]] = is_tie ? share(order[j]) / mass : share(order[j]) * ((last - keys[j]) + delta) / scale;
        });
        __syncthreads();
        each(classes, [&](int k) { terms[k] = contains(k) ? weights[k] * centred(k) : 0; });
        const double excess = sum_terms(classes);
        return summarise(weights, excess);
    }
};

#endif
