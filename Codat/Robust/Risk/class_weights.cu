// Class risks to class weights and loss multipliers, as the solvers on the host compute them, to the last bit: what is
// computed class by class is computed by all threads, what is summed is summed by one, in the order of the classes.
// variants: fmad=false ARGS_SIZE=96
#include "class_solver.cuh"

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

/// The whole step of one batch.
struct WeightStep : ClassSolver {
    const ClassWeightsArgs& args;
    double* const published;
    double* const exact;
    double* const risks;
    int* const marks;
    const double* const sums;
    const double* const squares;

    __device__ WeightStep(const ClassWeightsArgs& a, Shared& s)
        : ClassSolver(s, a.classes, a.prior, a.table + 2 * a.classes,
                      reinterpret_cast<const int*>(a.workspace + 5 * a.classes), a.workspace),
          args(a), published(a.workspace + 4 * a.classes), exact(a.table + a.classes), risks(a.table + 2 * a.classes),
          marks(reinterpret_cast<int*>(a.workspace + 5 * a.classes)), sums(a.risks), squares(a.risks + a.classes) {}

    __device__ __forceinline__ int count_of(int k) const { return static_cast<int>(args.risks[2 * classes + k]); }

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
            risks[k] = is_in_batch ? sums[k] / count : is_known ? average[k] : 0;
            marks[k] = is_in_batch || is_known;
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
    WeightStep step(args, shared);
    step.run();
}
