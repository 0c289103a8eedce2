// Class risks to class weights and loss multipliers, as the solvers on the host compute them, to the last bit: what is
// computed class by class is computed by all threads, what is summed is summed by one, in the order of the classes.
// variants: fmad=false ARGS_SIZE=96
#include "codat_common.cuh"

struct ClassWeightsArgs {
    const double* risks;      // (3, K): sums, sums of squares, counts
    const double* prior;      // (K)
    const double* radius;     // (1)
    double* table;            // (4, K): multiplier, weight, risk, present
    double* numbers;          // (8): loss, variance, effective radius, least weight, negative ones, objective gap
    int* status;              // status and class; the first failure stays
    double* averages;         // (2, K): averages of the risks, marks of classes seen
    double* workspace;        // (6, K)
    double decay;
    int classes;
    int kind, solver;         // ClassWeightKind, WeightSolver
    int source, missing;      // ClassRiskSource, MissingClass
    int variance;             // VarianceKind
};
static_assert(sizeof(ClassWeightsArgs) == ARGS_SIZE, "the host's struct differs");

// The numbers of the host's enumerations.
enum Kind { None, Balanced, Codat };
enum Solver { Exact, Published };
enum Source { Batch, Ema };
enum Missing { Renormalise, Fill };
enum Variance { Plain, Debiased };
enum Status { Ok, RiskNotFinite, PriorInvalid, RadiusInvalid, NoClass };

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

/// What a solver returns beside the weights.
struct Solution {
    double variance, excess, min_weight;
    int negative;
};

/// The block's threads with the batch before them: every member function is called by all of them.
struct Solve {
    const ClassWeightsArgs& args;
    Shared& shared;
    const int classes;
    double* const published;
    double* const exact;
    double* const terms;
    double* const keys;       // negated scaled risks in falling order of the risk
    double* const left;       // prior mass of the classes after a place in that order
    int* const order;
    int* const present;
    const double* const prior;
    double* const risk;
    const double* const sums;
    const double* const squares;

    // The classes that take part, their prior renormalised to 1, their risks scaled by a power of two and centred.
    double total, inverse, rough_mean, shift, mean, scaled_variance;
    int members;

    __device__ Solve(const ClassWeightsArgs& a, Shared& s)
        : args(a), shared(s), classes(a.classes), published(a.workspace), exact(a.table + a.classes),
          terms(a.workspace + a.classes), keys(a.workspace + 2 * a.classes), left(a.workspace + 3 * a.classes),
          order(reinterpret_cast<int*>(a.workspace + 4 * a.classes)),
          present(reinterpret_cast<int*>(a.workspace + 5 * a.classes)), prior(a.prior), risk(a.table + 2 * a.classes),
          sums(a.risks), squares(a.risks + a.classes) {}

    __device__ __forceinline__ int count_of(int k) const { return static_cast<int>(args.risks[2 * classes + k]); }

    __device__ __forceinline__ bool contains(int k) const { return present[k] != 0 && prior[k] > 0; }

    __device__ __forceinline__ double share(int k) const { return prior[k] / total; }

    __device__ __forceinline__ double scaled(int k) const { return risk[k] * inverse; }

    __device__ __forceinline__ double centred(int k) const { return (scaled(k) - rough_mean) - shift; }

    /// The compensated sum of the first `count` terms, in order.
    __device__ double sum_terms(int count) {
        __syncthreads();
        if (threadIdx.x == 0) {
            CompensatedSum sum = {};
            for (int i = 0; i < count; i++) sum.add(terms[i]);
            shared.value = sum.sum + sum.error;
        }
        __syncthreads();
        return shared.value;
    }

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

    /// Risks and presence marks by the policy; averages first, where it uses them.
    __device__ void gather() {
        const bool uses_averages = args.source == Ema || args.missing == Fill;
        double* average = args.averages;
        double* seen = args.averages + classes;
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            const int count = count_of(k);
            if (uses_averages && count > 0) {
                const double mean = sums[k] / count;
                average[k] = seen[k] == 0 ? mean : args.decay * average[k] + (1 - args.decay) * mean;
                seen[k] = 1;
            } else {
                seen[k] = seen[k] != 0 ? 1 : 0;
            }
            const bool is_in_batch = count > 0 && args.source == Batch;
            const bool is_known = uses_averages && seen[k] != 0;
            risk[k] = is_in_batch ? sums[k] / count : is_known ? average[k] : 0;
            present[k] = is_in_batch || is_known;
            args.table[3 * classes + k] = count > 0 ? 1 : 0;
        }
        __syncthreads();
    }

    /// The radius without the share of the variance that is sampling noise.
    __device__ double debiased(double eta) {
        for (int k = threadIdx.x; k < classes; k += BLOCK) terms[k] = count_of(k) > 0 ? prior[k] : 0;
        const double mass = sum_terms(classes);
        if (mass == 0) return eta;
        for (int k = threadIdx.x; k < classes; k += BLOCK)
            terms[k] = count_of(k) > 0 && prior[k] > 0 ? prior[k] * (sums[k] / count_of(k)) : 0;
        const double centre = sum_terms(classes) / mass;

        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            const int count = count_of(k);
            terms[k] = count > 0 ? positive_part(squares[k] - sums[k] / count * sums[k]) : 0;
        }
        const double within = sum_terms(classes);
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            const double p = prior[k] / mass;
            const bool counts = count_of(k) > 0 && p != 0;
            const double deviation = counts ? sums[k] / count_of(k) - centre : 0;
            terms[k] = counts ? p * deviation * deviation : 0;
        }
        const double between = sum_terms(classes);
        int freedom = 0;
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            const int count = count_of(k);
            const double p = prior[k] / mass;
            terms[k] = count > 0 && p != 0 ? p * (1 - p) / count : 0;
            freedom += count > 0 ? count - 1 : 0;
        }
        const double sampling = sum_terms(classes);
        freedom = count_all(freedom);
        if (freedom == 0) return between != between ? not_a_number() : eta;
        const double noise = sampling * (within / freedom);
        return between == 0 ? 0 : eta * (positive_part(between - noise) / between);
    }

    /// Checks prior and risks and centres the risks; a status and the class it is about.
    __device__ int prepare(int& bad) {
        int first = NO_CLASS, count = 0;
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            if (!(is_finite(prior[k]) && prior[k] >= 0) && k < first) first = k;
            terms[k] = contains(k) ? prior[k] : 0;
            count += contains(k);
        }
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
        for (int k = threadIdx.x; k < classes; k += BLOCK)
            if (contains(k) && !is_finite(risk[k]) && k < first) first = k;
        bad = least(first);
        if (bad != NO_CLASS) return RiskNotFinite;
        bad = -1;
        const double infinity = __longlong_as_double(0x7FF0000000000000ll);
        double max = -infinity, negated_min = -infinity;
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            if (!contains(k)) continue;
            max = fmax(max, risk[k]);
            negated_min = fmax(negated_min, -risk[k]);
        }
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
            for (int k = threadIdx.x; k < classes; k += BLOCK) terms[k] = contains(k) ? share(k) * scaled(k) : 0;
            rough_mean = sum_terms(classes);
            for (int k = threadIdx.x; k < classes; k += BLOCK)
                terms[k] = contains(k) ? share(k) * (scaled(k) - rough_mean) : 0;
            shift = sum_terms(classes);
        }
        mean = (rough_mean + shift) * (1 / inverse);
        scaled_variance = 0;
        if (is_constant) return;
        for (int k = threadIdx.x; k < classes; k += BLOCK)
            terms[k] = contains(k) ? share(k) * centred(k) * centred(k) : 0;
        scaled_variance = sum_terms(classes);
    }

    __device__ Solution summarise(const double* weights, double scaled_excess) {
        int negative = 0;
        double negated_min = -__longlong_as_double(0x7FF0000000000000ll);
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            if (!contains(k)) continue;
            negative += weights[k] < 0;
            negated_min = fmax(negated_min, -weights[k]);
        }
        const double scale = 1 / inverse;
        return {scaled_variance * scale * scale, scaled_excess * scale, -largest(negated_min), count_all(negative)};
    }

    /// p0 (1 + sqrt(eta / v) (H - m)), which may be negative.
    __device__ Solution solve_published(double eta, double* weights) {
        const double deviation = sqrt(scaled_variance);
        const double slope = deviation > 0 ? sqrt(eta) / deviation : 0;
        for (int k = threadIdx.x; k < classes; k += BLOCK)
            weights[k] = contains(k) ? share(k) * (1 + slope * centred(k)) : 0;
        __syncthreads();
        return summarise(weights, sqrt(eta) * deviation);
    }

    /// Places classes by falling risk, equal risks by class: each counts those before it.
    __device__ void sort() {
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            if (!contains(k)) continue;
            const double key = -scaled(k);
            int place = 0;
            for (int j = 0; j < classes; j++) {
                if (!contains(j)) continue;
                const double other = -scaled(j);
                place += other < key || (other == key && j < k);
            }
            keys[place] = key;
            order[place] = k;
        }
        __syncthreads();
    }

    /// The number of classes with a positive weight: classes are taken in falling order of the risk for as long as
    /// Q M2 > (eta Q - R) S1^2; the sums grow by non-negative terms, so nothing cancels.
    __device__ int count_active(double eta) {
        if (threadIdx.x == 0) {
            left[members - 1] = 0;
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
        for (int k = threadIdx.x; k < classes; k += BLOCK) weights[k] = 0;
        for (int j = threadIdx.x; j < active; j += BLOCK) terms[j] = share(order[j]);
        const double mass = sum_terms(active);
        for (int j = threadIdx.x; j < active; j += BLOCK) terms[j] = share(order[j]) * (last - keys[j]);
        const double first = sum_terms(active);
        const double active_mean = first / mass;
        for (int j = threadIdx.x; j < active; j += BLOCK) {
            const double from_mean = (last - keys[j]) - active_mean;
            terms[j] = share(order[j]) * from_mean * from_mean;
        }
        const double second = sum_terms(active);
        const double scale = sqrt(mass * second / (eta * mass - rest));
        // Only the largest risk is left (or deviations too small for a double): share by the prior.
        const bool is_tie = last == keys[0] || !(scale > 0) || !is_finite(scale);
        const double delta = is_tie ? 0 : positive_part((scale - first) / mass);
        for (int j = threadIdx.x; j < active; j += BLOCK)
            weights[order[j]] = is_tie ? share(order[j]) / mass : share(order[j]) * ((last - keys[j]) + delta) / scale;
        __syncthreads();
        for (int k = threadIdx.x; k < classes; k += BLOCK) terms[k] = contains(k) ? weights[k] * centred(k) : 0;
        const double excess = sum_terms(classes);
        return summarise(weights, excess);
    }

    /// Multipliers c_k = p_k / n_k, and the loss they give.
    __device__ double weigh() {
        for (int k = threadIdx.x; k < classes; k += BLOCK) terms[k] = count_of(k) > 0 ? exact[k] : 0;
        const double present_weight = sum_terms(classes);
        const double divisor = args.source == Ema ? present_weight : 1;
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            const int count = count_of(k);
            const bool counts = !(count <= 0 || divisor <= 0);
            args.table[k] = counts ? exact[k] / divisor / count : 0;
            terms[k] = counts ? exact[k] / divisor * (sums[k] / count) : 0;
        }
        return sum_terms(classes);
    }

    /// Plain training: every sample weighs 1/N, so a class weighs its share of the batch.
    __device__ double weigh_samples() {
        int samples = 0;
        for (int k = threadIdx.x; k < classes; k += BLOCK) samples += count_of(k);
        samples = count_all(samples);
        for (int k = threadIdx.x; k < classes; k += BLOCK) {
            exact[k] = count_of(k) / static_cast<double>(samples);
            args.table[k] = 1.0 / samples;
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            double loss = 0;
            for (int k = 0; k < classes; k++) loss += sums[k];
            shared.value = loss / samples;
        }
        __syncthreads();
        return shared.value;
    }

    __device__ void fail(int status, int bad) {
        if (threadIdx.x != 0) return;
        args.status[0] = status;
        args.status[1] = bad;
    }

    __device__ void run() {
        int first = NO_CLASS;
        for (int k = threadIdx.x; k < classes; k += BLOCK)
            if (!is_finite(sums[k]) && k < first) first = k;
        first = least(first);
        if (first != NO_CLASS) {
            // The first failure wins; everything after this step leaves weights and statistics alone.
            fail(RiskNotFinite, first);
            return;
        }

        gather();
        double eta = args.kind == Codat ? args.radius[0] : 0;
        if (args.variance == Debiased) eta = debiased(eta);
        const bool is_ball = is_finite(eta) && eta >= 0;
        int bad = -1;
        const int status = is_ball ? prepare(bad) : RadiusInvalid;
        if (status != Ok) {
            for (int k = threadIdx.x; k < classes; k += BLOCK) exact[k] = not_a_number();
            fail(status, bad);
            return;
        }

        const Solution closed_form = solve_published(eta, published);
        Solution best = closed_form;
        if (closed_form.negative > 0) {
            best = solve_exact(eta, exact);
        } else {
            for (int k = threadIdx.x; k < classes; k += BLOCK) exact[k] = published[k];
        }
        __syncthreads();
        Solution chosen = best;
        if (args.solver == Published) {
            for (int k = threadIdx.x; k < classes; k += BLOCK) exact[k] = published[k];
            chosen = closed_form;
        }
        __syncthreads();
        const double loss = args.kind == None ? weigh_samples() : weigh();
        if (threadIdx.x != 0) return;
        args.numbers[0] = loss;
        args.numbers[1] = best.variance;
        args.numbers[2] = eta;
        args.numbers[3] = args.kind == None ? 0 : chosen.min_weight;
        args.numbers[4] = closed_form.negative;
        args.numbers[5] = closed_form.excess - best.excess;
    }
};

// grid: 1; block: 256
// shared: 272 bytes
// reads: risks, prior, radius, status; writes: table, numbers, averages, workspace; status if the step has failed
// double without contraction, every sum by one thread in the order of the classes: the host's bits
extern "C" __global__ void __launch_bounds__(256) class_weights(ClassWeightsArgs args) {
    __shared__ Shared shared;
    if (args.status[0] != 0) return;
    Solve solve(args, shared);
    solve.run();
}
