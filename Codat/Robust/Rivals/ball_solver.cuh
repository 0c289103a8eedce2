// The worst class distribution in a KL, reverse KL or share ball around a prior, by one block, with the bits of the
// host's solvers.
#ifndef CODAT_BALL_SOLVER_CUH
#define CODAT_BALL_SOLVER_CUH
#include "class_step.cuh"
#include "portable_math.cuh"

// The numbers of BallKind on the host.
enum Ball { Chi2, Kl, ReverseKl, Cvar };

struct BallSolver : ClassStep {
    const bool is_reverse;
    double top;

    __device__ BallSolver(const ClassWeightsArgs& a, Shared& s, const double* risk_of, int ball)
        : ClassStep(a, s, risk_of), is_reverse(ball == ReverseKl), top(0) {}

    static __device__ __forceinline__ bool is_radius(int ball, double eta) {
        return is_finite(eta) && (ball == Cvar ? eta > 0 && eta <= 1 : eta >= 0);
    }

    /// After `prepare`: the weights of the ball, in `exact`.
    __device__ Solution solve(int ball, double eta) {
        if (ball == Cvar) {
            fill_worst_share(eta);
        } else if (scaled_variance == 0 || eta == 0) {
            each(classes, [&](int k) { exact[k] = contains(k) ? share(k) : 0; });
        } else {
            find_top();
            if (is_reverse || !fill_worst(eta)) find_tilt(eta);
        }
        __syncthreads();
        each(classes, [&](int k) { terms[k] = contains(k) ? exact[k] * centred(k) : 0; });
        const double excess = sum_terms(classes);
        return summarise(exact, excess);
    }

    __device__ void find_top() {
        double most = -portable::infinity();
        each(classes, [&](int k) { if (contains(k)) most = fmax(most, centred(k)); });
        top = largest(most);
    }

    /// All weight on the classes of the largest risk where the ball reaches that far.
    __device__ bool fill_worst(double eta) {
        each(classes, [&](int k) { terms[k] = contains(k) && centred(k) == top ? share(k) : 0; });
        const double mass = sum_terms(classes);
        if (eta < -portable::log(mass)) return false;
        each(classes, [&](int k) { exact[k] = contains(k) && centred(k) == top ? share(k) / mass : 0; });
        return true;
    }

    __device__ __forceinline__ double multiple(double s, int k, double& shortfall) const {
        const double reach = s * (top - centred(k));
        shortfall = is_reverse ? reach / (1 + reach) : -portable::exp_less_one(-reach);
        return is_reverse ? 1 / (1 + reach) : portable::exp(-reach);
    }

    __device__ __forceinline__ double term(double y, double ratio) const {
        if (fabs(y) <= 0.5) {
            const double gap = portable::log_gap(y);
            return is_reverse ? gap : y * (y - gap) - gap;
        }
        const double log = portable::log(ratio);
        if (is_reverse) return y - log;
        return ratio > 0 ? ratio * log - y : 1;
    }

    __device__ double divergence(double s) {
        double shortfall;
        each(classes, [&](int k) {
            if (!contains(k)) return;
            keys[k] = multiple(s, k, shortfall);
            left[k] = shortfall;
        });
        each(classes, [&](int k) { terms[k] = contains(k) ? share(k) * keys[k] : 0; });
        const double total = sum_terms(classes);
        each(classes, [&](int k) { terms[k] = contains(k) ? share(k) * left[k] : 0; });
        const double missing = sum_terms(classes);
        each(classes, [&](int k) {
            terms[k] = contains(k) ? share(k) * term((missing - left[k]) / total, keys[k] / total) : 0;
        });
        return sum_terms(classes);
    }

    static __device__ __forceinline__ double between(double low, double high) {
        return high == portable::infinity() ? 4 * low : low == 0 ? high / 4 : sqrt(low) * sqrt(high);
    }

    /// A secant in logarithms inside a bracket, as on the host.
    __device__ void find_tilt(double eta) {
        double low = 0, high = portable::infinity(), last_place = 0, last_miss = 0;
        double s = sqrt(2 * eta / scaled_variance);
        if (!(s > 0 && s < 1e300)) s = 1;
        for (int step = 1; step <= 100; step++) {
            const double reached = divergence(s);
            if (fabs(reached - eta) <= 1e-14 * eta) break;
            if (reached < eta) low = s;
            else high = s;

            const double place = portable::log(s), miss = portable::log(reached / eta);
            const double slope = step == 1 ? 2 : (miss - last_miss) / (place - last_place);
            last_place = place;
            last_miss = miss;
            double next = step % 4 == 0 ? not_a_number() : s * portable::exp(-miss / slope);
            if (!(next > low && next < high)) next = between(low, high);
            if (!(next > low && next < high) || next > 1e300) break;
            s = next;
        }

        double shortfall;
        each(classes, [&](int k) {
            exact[k] = contains(k) ? share(k) * multiple(s, k, shortfall) : 0;
            terms[k] = exact[k];
        });
        const double total = sum_terms(classes);
        each(classes, [&](int k) { exact[k] /= total; });
    }

    /// Every class asks how much of the share the classes of larger risk leave it.
    __device__ void fill_worst_share(double eta) {
        each(classes, [&](int k) {
            exact[k] = 0;
            if (!contains(k)) return;
            CompensatedSum above = {}, tied = {};
            for (int j = 0; j < classes; j++) {
                if (!contains(j)) continue;
                if (scaled(j) > scaled(k)) above.add(share(j));
                else if (scaled(j) == scaled(k)) tied.add(share(j));
            }
            const double rest = eta - (above.sum + above.error);
            if (rest <= 0) return;
            const double all = tied.sum + tied.error;
            exact[k] = rest >= all ? share(k) / eta : share(k) * (rest / all) / eta;
        });
    }
};

#endif
