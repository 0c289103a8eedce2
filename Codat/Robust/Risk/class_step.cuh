// What every weight step does around its solver, by one block, with the bits of the host.
#ifndef CODAT_CLASS_STEP_CUH
#define CODAT_CLASS_STEP_CUH
#include "class_solver.cuh"

struct ClassWeightsArgs {
    const double* risks;      // (3, K): sums, sums of squares, counts
    const double* prior;      // (K)
    const double* radius;     // (1)
    double* table;            // (4, K): multiplier, weight, risk, present
    double* numbers;          // (11): loss, variance, effective radius, least weight, negative ones, objective gap,
                              // variance of the batch, noise, radius reached, duality gap, classes with a weight
    int* status;              // status and class; the first failure stays
    double* averages;         // (2, K): averages of the risks, marks of classes seen
    double* workspace;        // (6, K)
    double decay;
    int classes;
    int kind, solver;         // ClassWeightKind, WeightSolver
    int source, missing;      // ClassRiskSource, MissingClass
    int variance;             // VarianceKind
    int measures_noise, unused;
};

// The numbers of the host's enumerations.
enum Source { Batch, Ema };
enum Missing { Renormalise, Fill };

/// One step: risks by the policy in, multipliers and a loss out; `risk_of` is what the solver looks at.
struct ClassStep : ClassSolver {
    const ClassWeightsArgs& args;
    double* const published;
    double* const exact;
    double* const risks;
    int* const marks;
    const double* const sums;
    const double* const squares;

    __device__ ClassStep(const ClassWeightsArgs& a, Shared& s, const double* risk_of)
        : ClassSolver(s, a.classes, a.prior, risk_of,
                      reinterpret_cast<const int*>(a.workspace + 5 * a.classes), a.workspace),
          args(a), published(a.workspace + 4 * a.classes), exact(a.table + a.classes), risks(a.table + 2 * a.classes),
          marks(reinterpret_cast<int*>(a.workspace + 5 * a.classes)), sums(a.risks), squares(a.risks + a.classes) {}

    __device__ __forceinline__ int count_of(int k) const { return static_cast<int>(args.risks[2 * classes + k]); }

    /// False, with the failure noted, where a sum of losses is not a finite number.
    __device__ bool is_sound() {
        int first = NO_CLASS;
        each(classes, [&](int k) { if (!is_finite(sums[k]) && k < first) first = k; });
        first = least(first);
        // The first failure wins; everything after this step leaves weights and statistics alone.
        if (first != NO_CLASS) fail(RiskNotFinite, first);
        return first == NO_CLASS;
    }

    /// Risks and presence marks by the policy; averages first, where it uses them.
    __device__ void gather() {
        const bool uses_averages = args.source == Ema || args.missing == Fill;
        double* average = args.averages;
        double* seen = args.averages + classes;
        each(classes, [&](int k) {
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
            risks[k] = is_in_batch ? sums[k] / count : is_known ? average[k] : 0;
            marks[k] = is_in_batch || is_known;
            args.table[3 * classes + k] = count > 0 ? 1 : 0;
        });
        __syncthreads();
    }

    /// Multipliers c_k = p_k / n_k, and the loss they give.
    __device__ double weigh() {
        each(classes, [&](int k) { terms[k] = count_of(k) > 0 ? exact[k] : 0; });
        const double present_weight = sum_terms(classes);
        const double divisor = args.source == Ema ? present_weight : 1;
        each(classes, [&](int k) {
            const int count = count_of(k);
            const bool counts = !(count <= 0 || divisor <= 0);
            args.table[k] = counts ? exact[k] / divisor / count : 0;
            terms[k] = counts ? exact[k] / divisor * (sums[k] / count) : 0;
        });
        return sum_terms(classes);
    }

    /// Leaves no weights where a solver found none.
    __device__ void refuse(int status, int bad) {
        each(classes, [&](int k) { exact[k] = not_a_number(); });
        fail(status, bad);
    }

    __device__ void note(double loss, const Solution& solution, double eta) {
        if (threadIdx.x != 0) return;
        args.numbers[0] = loss;
        args.numbers[1] = solution.variance;
        args.numbers[2] = eta;
        args.numbers[3] = solution.min_weight;
        args.numbers[4] = solution.negative;
        args.numbers[5] = 0;
    }

    __device__ void fail(int status, int bad) {
        if (threadIdx.x != 0) return;
        args.status[0] = status;
        args.status[1] = bad;
    }
};

#endif
