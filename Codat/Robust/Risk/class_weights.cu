// Class risks to class weights and loss multipliers, as the solvers on the host compute them, to the last bit: what is
// computed class by class is computed by all threads, what is summed is summed by one, in the order of the classes.
// variants: fmad=false ARGS_SIZE=104
#include "class_step.cuh"

static_assert(sizeof(ClassWeightsArgs) == ARGS_SIZE, "the host's struct differs");

// The numbers of the host's enumerations.
enum Kind { None, Balanced, Codat };
enum Solver { Exact, Published };
enum Variance { Plain, Debiased };

/// Evidence for weights: the radius they reach, the gap to a bound on every distribution of the ball, and how many
/// classes have weight.
struct Certificate {
    double radius, gap;
    int active;
};

/// The whole step of one batch.
struct WeightStep : ClassStep {
    // Zero where nobody asked.
    double batch_variance = 0, noise = 0;

    __device__ WeightStep(const ClassWeightsArgs& a, Shared& s) : ClassStep(a, s, a.table + 2 * a.classes) {}

    /// The radius without the share of the variance that is sampling noise, which is kept.
    __device__ double debiased(double eta) {
        each(classes, [&](int k) { terms[k] = count_of(k) > 0 ? prior[k] : 0; });
        const double mass = sum_terms(classes);
        noise = not_a_number();
        if (mass == 0) return eta;
        each(classes, [&](int k) {
            terms[k] = count_of(k) > 0 && prior[k] > 0 ? prior[k] * (sums[k] / count_of(k)) : 0;
        });
        const double centre = sum_terms(classes) / mass;

        each(classes, [&](int k) {
            const int count = count_of(k);
            terms[k] = count > 0 ? positive_part(squares[k] - sums[k] / count * sums[k]) : 0;
        });
        const double within = sum_terms(classes);
        each(classes, [&](int k) {
            const double p = prior[k] / mass;
            const bool counts = count_of(k) > 0 && p != 0;
            const double deviation = counts ? sums[k] / count_of(k) - centre : 0;
            terms[k] = counts ? p * deviation * deviation : 0;
        });
        const double between = sum_terms(classes);
        batch_variance = between;
        int freedom = 0;
        each(classes, [&](int k) {
            const int count = count_of(k);
            const double p = prior[k] / mass;
            terms[k] = count > 0 && p != 0 ? p * (1 - p) / count : 0;
            freedom += count > 0 ? count - 1 : 0;
        });
        const double sampling = sum_terms(classes);
        freedom = count_all(freedom);
        if (freedom == 0) return between != between ? not_a_number() : eta;
        noise = sampling * (within / freedom);
        return between == 0 ? 0 : eta * (positive_part(between - noise) / between);
    }

    /// StepCertificate on the host: the bound at the nu that the weights imply.
    __device__ Certificate certify(double eta, const double* weights) {
        const double infinity = __longlong_as_double(0x7FF0000000000000ll);
        double negated_low = -infinity, high = -infinity, top = -infinity;
        int positive = 0;
        each(classes, [&](int k) {
            terms[k] = 0;
            if (!contains(k)) return;
            const double step = weights[k] - share(k), x = centred(k);
            terms[k] = step * step / share(k);
            top = fmax(top, x);
            if (weights[k] > 0) negated_low = fmax(negated_low, -x);
            else high = fmax(high, x);
            positive += weights[k] > 0;
        });
        Certificate found;
        found.radius = sum_terms(classes);
        found.active = count_all(positive);
        const double low = -largest(negated_low);
        high = largest(high);
        top = largest(top);
        each(classes, [&](int k) { terms[k] = contains(k) ? weights[k] * centred(k) : 0; });
        const double excess = sum_terms(classes);
        const double scale = 1 / inverse;
        // At radius 0 the only distribution is the prior.
        found.gap = -excess * scale;
        if (eta == 0) return found;

        each(classes, [&](int k) { terms[k] = contains(k) && weights[k] > 0 ? share(k) : 0; });
        const double mass = sum_terms(classes);
        each(classes, [&](int k) { terms[k] = contains(k) && weights[k] > 0 ? share(k) * centred(k) : 0; });
        const double active_first = sum_terms(classes);
        each(classes, [&](int k) { terms[k] = contains(k) && !(weights[k] > 0) ? share(k) : 0; });
        const double divisor = eta * mass - sum_terms(classes);
        // Nothing is left of the ball's room: all weight is on the largest risk.
        double nu = divisor > 0 ? ((1 + eta) * active_first - excess) / divisor : top;
        nu = fmax(fmin(nu, low), high);
        found.gap = (bound(eta, -nu) - excess) * scale;
        return found;
    }

    /// What no distribution of the ball exceeds, less the mean risk, scaled; `offset` is minus the centred nu.
    __device__ double bound(double eta, double offset) {
        each(classes, [&](int k) {
            const double excess = centred(k) + offset;
            terms[k] = contains(k) && excess > 0 ? share(k) * excess : 0;
        });
        const double first = sum_terms(classes);
        each(classes, [&](int k) {
            const double excess = centred(k) + offset;
            terms[k] = contains(k) && !(excess > 0) ? share(k) * -excess : 0;
        });
        const double cut = sum_terms(classes);
        each(classes, [&](int k) {
            const double deviation = positive_part(centred(k) + offset) - first;
            terms[k] = contains(k) ? share(k) * deviation * deviation : 0;
        });
        const double variance = sum_terms(classes);
        const double root = sqrt((1 + eta) * (variance + first * first));
        if (eta >= 1 || offset <= 0) return root - offset;
        const double slope = variance - eta * first * first;
        return eta * first + cut + (1 + eta) * slope / (root + (1 + eta) * first);
    }

    /// Plain training: every sample weighs 1/N, so a class weighs its share of the batch.
    __device__ double weigh_samples() {
        int samples = 0;
        each(classes, [&](int k) { samples += count_of(k); });
        samples = count_all(samples);
        each(classes, [&](int k) {
            exact[k] = count_of(k) / static_cast<double>(samples);
            args.table[k] = 1.0 / samples;
        });
        __syncthreads();
        if (threadIdx.x == 0) {
            double loss = 0;
            for (int k = 0; k < classes; k++) loss += sums[k];
            shared.value = loss / samples;
        }
        __syncthreads();
        return shared.value;
    }

    __device__ void run() {
        if (!is_sound()) return;
        gather();
        double eta = args.kind == Codat ? args.radius[0] : 0;
        if (args.variance == Debiased || args.measures_noise) {
            const double left = debiased(eta);
            if (args.variance == Debiased) eta = left;
        }
        const bool is_ball = is_finite(eta) && eta >= 0;
        int bad = -1;
        const int status = is_ball ? prepare(bad) : RadiusInvalid;
        if (status != Ok) {
            refuse(status, bad);
            return;
        }

        const Solution closed_form = solve_published(eta, published);
        Solution best = closed_form;
        if (closed_form.negative > 0) {
            best = solve_exact(eta, exact);
        } else {
            each(classes, [&](int k) { exact[k] = published[k]; });
        }
        __syncthreads();
        const Certificate certificate = certify(eta, exact);
        Solution chosen = best;
        if (args.solver == Published) {
            each(classes, [&](int k) { exact[k] = published[k]; });
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
        args.numbers[6] = batch_variance;
        args.numbers[7] = noise;
        args.numbers[8] = certificate.radius;
        args.numbers[9] = certificate.gap;
        args.numbers[10] = certificate.active;
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
