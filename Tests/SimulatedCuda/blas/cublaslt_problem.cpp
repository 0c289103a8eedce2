#include <algorithm>

#include "cublaslt.h"

namespace codat_sim::lt {

namespace {

constexpr unsigned long long Magic = 0x434F444154414C47ull;
constexpr unsigned SplitReduction = 2;    // partial sums added up in the compute type

bool fits(const LtLayout& layout, unsigned long long rows, unsigned long long columns, bool transposed) {
    return layout.rows == (transposed ? columns : rows) && layout.columns == (transposed ? rows : columns);
}

int check_layout(const LtLayout& layout) {
    if (layout.order != 0) return blas::NotSupported;
    if (layout.rows == 0 || layout.columns == 0 || layout.batch < 1) return blas::InvalidValue;
    return layout.leading >= static_cast<long long>(layout.rows) ? blas::Success : blas::InvalidValue;
}

int check_epilogue(Problem* p) {
    const LtOperation& operation = p->operation;
    unsigned epilogue = operation.epilogue;
    if (!is_known(epilogue)) return blas::NotSupported;
    p->bias_type = p->type_d;
    if (operation.bias_type >= 0 && !blas::to_element(operation.bias_type, &p->bias_type)) return blas::NotSupported;
    bool bias_type_fits = p->bias_type == p->type_d
        || (p->type_a == Element::BFloat16 && p->bias_type != Element::Double);
    if ((has_bias(epilogue) || has_bias_gradient(epilogue)) && (operation.bias == 0 || !bias_type_fits))
        return operation.bias == 0 ? blas::InvalidValue : blas::NotSupported;
    if (writes_aux(epilogue) || reads_aux(epilogue)) {
        if (operation.aux == 0 || operation.aux % 16 != 0) return blas::InvalidValue;
        if (operation.aux_leading % 128 != 0 || operation.aux_leading < p->m) return blas::InvalidValue;
    }
    // For double there are bias and ReLU, but nothing for gradients.
    bool forward = epilogue == Default || epilogue == Relu || epilogue == Bias || epilogue == ReluBias;
    return !forward && p->type_d == Element::Double ? blas::NotSupported : blas::Success;
}

}

int describe(Handle operation, Handle a, Handle b, Handle c, Handle d, Problem* p) {
    auto o = lt_operations().find(operation);
    std::shared_ptr<LtLayout> layouts[] = {lt_layouts().find(a), lt_layouts().find(b), lt_layouts().find(c),
                                           lt_layouts().find(d)};
    if (o == nullptr) return blas::InvalidValue;
    for (const auto& layout : layouts) {
        if (layout == nullptr) return blas::InvalidValue;
        if (int status = check_layout(*layout)) return status;
    }
    p->operation = *o;
    p->a = *layouts[0];
    p->b = *layouts[1];
    p->c = *layouts[2];
    p->d = *layouts[3];
    Element type_c;
    if (!blas::to_element(int(p->a.type), &p->type_a) || !blas::to_element(int(p->b.type), &p->type_b)
        || !blas::to_element(int(p->c.type), &type_c) || !blas::to_element(int(p->d.type), &p->type_d))
        return blas::NotSupported;
    if (type_c != p->type_d || !blas::supports(o->compute, p->type_a, p->type_b, p->type_d)) return blas::NotSupported;
    bool ta = o->transpose_a != 0, tb = o->transpose_b != 0;
    p->m = static_cast<long long>(p->d.rows);
    p->n = static_cast<long long>(p->d.columns);
    p->k = static_cast<long long>(ta ? p->a.rows : p->a.columns);
    auto m = p->d.rows, n = p->d.columns, k = static_cast<unsigned long long>(p->k);
    if (!fits(p->a, m, k, ta) || !fits(p->b, k, n, tb) || !fits(p->c, m, n, false)) return blas::InvalidValue;
    for (const LtLayout* layout : {&p->a, &p->b, &p->c})
        if (layout->batch != p->d.batch) return blas::InvalidValue;
    return check_epilogue(p);
}

unsigned long long signature(const Problem& p) {
    unsigned long long hash = 14695981039346656037ull;
    auto add = [&hash](unsigned long long value) {
        for (int i = 0; i < 8; i++, value >>= 8) hash = (hash ^ (value & 255)) * 1099511628211ull;
    };
    for (const LtLayout* layout : {&p.a, &p.b, &p.d}) {
        add(layout->type);
        add(layout->rows);
        add(layout->columns);
        add(static_cast<unsigned long long>(layout->leading));
    }
    add(static_cast<unsigned long long>(p.operation.compute));
    add(p.operation.epilogue);
    add(static_cast<unsigned long long>(p.operation.transpose_a * 2 + p.operation.transpose_b));
    return hash;
}

int check_algorithm(const LtAlgorithm& algorithm, const Problem& problem) {
    if (algorithm.magic != Magic || algorithm.version != blas::Version) return blas::InvalidValue;
    return algorithm.problem == signature(problem) ? blas::Success : blas::NotSupported;
}

namespace {

LtHeuristicResult suggest(const Problem& p, unsigned long long number, unsigned long long workspace,
                          unsigned long long alignment) {
    LtHeuristicResult result = {};
    result.algorithm = {Magic, blas::Version, number, signature(p), workspace, alignment, {0, 0}};
    result.workspace = workspace;
    result.waves = 1.0f;
    return result;
}

}

}

using namespace codat_sim;

SIM_EXPORT int cublasLtMatmulAlgoGetHeuristic(Handle handle, Handle operation, Handle a, Handle b, Handle c, Handle d,
                                              Handle preference_handle, int requested, LtHeuristicResult* results,
                                              int* count) {
    SIM_CALL(cublasLtMatmulAlgoGetHeuristic);
    if (count == nullptr) return blas::InvalidValue;
    *count = 0;
    if (lt_handles().find(handle) == nullptr) return blas::NotInitialized;
    auto preference = lt_preferences().find(preference_handle);
    if (preference == nullptr || requested <= 0 || results == nullptr) return blas::InvalidValue;
    lt::Problem problem;
    if (int status = lt::describe(operation, a, b, c, d, &problem)) return status;
    unsigned long long alignment = *std::min_element(preference->alignment, preference->alignment + 4);
    if (alignment < size_of(problem.type_a)) return blas::NotSupported;
    // The first one splits the sum and needs memory for its parts; the second needs none.
    unsigned long long parts = static_cast<unsigned long long>(problem.m * problem.n) * 4 * 2;
    if ((preference->reduction_mask & lt::SplitReduction) != 0 && parts <= preference->max_workspace)
        results[(*count)++] = lt::suggest(problem, 1, parts, alignment);
    if (*count < requested) results[(*count)++] = lt::suggest(problem, 0, 0, alignment);
    return blas::Success;
}

SIM_EXPORT int cublasLtMatmulAlgoCheck(Handle handle, Handle operation, Handle a, Handle b, Handle c, Handle d,
                                       const LtAlgorithm* algorithm, LtHeuristicResult* result) {
    SIM_CALL(cublasLtMatmulAlgoCheck);
    if (lt_handles().find(handle) == nullptr) return blas::NotInitialized;
    if (algorithm == nullptr || result == nullptr) return blas::InvalidValue;
    lt::Problem problem;
    if (int status = lt::describe(operation, a, b, c, d, &problem)) return status;
    if (int status = lt::check_algorithm(*algorithm, problem)) return status;
    *result = lt::suggest(problem, algorithm->number, algorithm->workspace, algorithm->alignment);
    return blas::Success;
}
