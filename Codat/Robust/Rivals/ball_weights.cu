// Class risks to class weights and loss multipliers by the rivals' rules, with the bits of the host.
// variants: fmad=false ARGS_SIZE=120
#include "ball_solver.cuh"

struct RivalWeightsArgs {
    ClassWeightsArgs step;    // kind: the ball
    double* memory;           // group_dro: (K), logarithms of the weights; factor_weights: (K), factors;
                              // margin_weights: (3, K), sums of margins
    double number;            // group_dro: the rate; margin_weights: 1 to count samples
};
static_assert(sizeof(RivalWeightsArgs) == ARGS_SIZE, "the host's struct differs");

// grid: 1; block: 256
// shared: 272 bytes
// reads: risks, prior, radius, status; writes: table, numbers, averages, workspace; status if the step has failed
// double without contraction, every sum by one thread in the order of the classes: the host's bits
extern "C" __global__ void __launch_bounds__(256) ball_weights(RivalWeightsArgs args) {
    __shared__ Shared shared;
    const ClassWeightsArgs& a = args.step;
    if (a.status[0] != 0) return;
    BallSolver step(a, shared, a.table + 2 * a.classes, a.kind);
    if (!step.is_sound()) return;
    step.gather();
    const double eta = a.radius[0];
    int bad = -1;
    const int status = BallSolver::is_radius(a.kind, eta) ? step.prepare(bad) : RadiusInvalid;
    if (status != Ok) {
        step.refuse(status, bad);
        return;
    }
    const Solution solution = step.solve(a.kind, eta);
    step.note(step.weigh(), solution, eta);
}

// grid: 1; block: 256
// shared: 272 bytes
// reads: risks, prior, status; writes: table, numbers, averages, memory, workspace; status if the step has failed
// as above
extern "C" __global__ void __launch_bounds__(256) group_dro(RivalWeightsArgs args) {
    __shared__ Shared shared;
    const ClassWeightsArgs& a = args.step;
    if (a.status[0] != 0) return;
    BallSolver step(a, shared, a.table + 2 * a.classes, Chi2);
    if (!step.is_sound()) return;
    step.gather();
    int bad = -1;
    const int status = step.prepare(bad);
    if (status != Ok) {
        step.refuse(status, bad);
        return;
    }
    double most = -portable::infinity();
    each(a.classes, [&](int k) {
        if (step.contains(k)) args.memory[k] += args.number * step.risks[k];
        if (a.prior[k] > 0) most = fmax(most, args.memory[k]);
    });
    most = step.largest(most);
    each(a.classes, [&](int k) {
        args.memory[k] = a.prior[k] > 0 ? args.memory[k] - most : 0;
        step.exact[k] = a.prior[k] > 0 ? a.prior[k] * portable::exp(args.memory[k]) : 0;
        step.terms[k] = step.exact[k];
    });
    const double total = step.sum_terms(a.classes);
    each(a.classes, [&](int k) { step.exact[k] /= total; });
    __syncthreads();
    const Solution solution = step.summarise(step.exact, 0);
    step.note(step.weigh(), solution, 0);
}

// grid: 1; block: 256
// shared: 272 bytes
// reads: risks, prior, memory, status; writes: table, numbers, averages, workspace; status if the step has failed
// as above
extern "C" __global__ void __launch_bounds__(256) factor_weights(RivalWeightsArgs args) {
    __shared__ Shared shared;
    const ClassWeightsArgs& a = args.step;
    if (a.status[0] != 0) return;
    BallSolver step(a, shared, a.table + 2 * a.classes, Chi2);
    if (!step.is_sound()) return;
    step.gather();
    int bad = -1;
    const int status = step.prepare(bad);
    if (status != Ok) {
        step.refuse(status, bad);
        return;
    }
    int samples = 0;
    each(a.classes, [&](int k) {
        samples += step.count_of(k);
        step.terms[k] = args.memory[k];
    });
    samples = step.count_all(samples);
    const double total = step.sum_terms(a.classes);
    each(a.classes, [&](int k) {
        step.exact[k] = args.memory[k] / total;
        a.table[k] = args.memory[k] / samples;
    });
    __syncthreads();
    const Solution solution = step.summarise(step.exact, 0);
    each(a.classes, [&](int k) { step.terms[k] = a.table[k] * step.sums[k]; });
    step.note(step.sum_terms(a.classes), solution, 0);
}

// grid: 1; block: 256
// shared: 272 bytes
// reads: risks, prior, radius, memory, status; writes: table, numbers, averages, workspace; status if it has failed
// as above
extern "C" __global__ void __launch_bounds__(256) margin_weights(RivalWeightsArgs args) {
    __shared__ Shared shared;
    const ClassWeightsArgs& a = args.step;
    if (a.status[0] != 0) return;
    double* margins = a.workspace + 4 * a.classes;
    BallSolver step(a, shared, margins, ReverseKl);
    if (!step.is_sound()) return;
    step.gather();
    int samples = 0;
    each(a.classes, [&](int k) {
        const int count = step.count_of(k);
        const double mean = count > 0 ? args.memory[k] / count : -1;
        margins[k] = args.number != 0 ? count * mean : mean;
        step.marks[k] = 1;
        samples += count;
    });
    samples = step.count_all(samples);
    const double eta = a.radius[0];
    int bad = -1;
    const int status = BallSolver::is_radius(ReverseKl, eta) ? step.prepare(bad) : RadiusInvalid;
    if (status != Ok) {
        step.refuse(status, bad);
        return;
    }
    const Solution solution = step.solve(ReverseKl, eta);
    each(a.classes, [&](int k) {
        const int count = step.count_of(k);
        a.table[k] = count > 0 ? a.classes * step.exact[k] / samples : 0;
        step.terms[k] = count > 0 ? a.table[k] * step.sums[k] : 0;
    });
    step.note(step.sum_terms(a.classes), solution, eta);
}
