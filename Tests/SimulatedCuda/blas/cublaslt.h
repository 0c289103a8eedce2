#pragma once
#include "../driver/objects.h"
#include "blas_types.h"
#include "gemm.h"

namespace codat_sim {

struct LtOperation {
    int compute, scale_type;
    int pointer_mode = 0, transpose_a = 0, transpose_b = 0, sm_count = 0, bias_type = -1;
    unsigned epilogue = 1;
    uintptr_t bias = 0, aux = 0;
    long long aux_leading = 0;
};

struct LtLayout {
    unsigned type;
    int order = 0, batch = 1;
    unsigned long long rows, columns;
    long long leading, batch_offset = 0;
};

struct LtPreference {
    unsigned search_mode = 0, reduction_mask = ~0u;
    unsigned long long max_workspace = 0;
    unsigned alignment[4] = {256, 256, 256, 256};
};

struct LtHandle {};

Registry<LtHandle>& lt_handles();
Registry<LtOperation>& lt_operations();
Registry<LtLayout>& lt_layouts();
Registry<LtPreference>& lt_preferences();

/// 64 bytes that the caller keeps without looking inside.
struct LtAlgorithm {
    unsigned long long magic, version, number, problem, workspace, alignment, reserved[2];
};
static_assert(sizeof(LtAlgorithm) == 64);

struct LtHeuristicResult {
    LtAlgorithm algorithm;
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
};

namespace lt {

enum Epilogue : unsigned {
    Default = 1, Relu = 2, Bias = 4, ReluBias = 6, ReluAux = 130, ReluAuxBias = 134, DRelu = 136,
    DReluBiasGradient = 152, BiasGradientA = 256, BiasGradientB = 512
};

inline bool has_bias(unsigned e) { return e == Bias || e == ReluBias || e == ReluAuxBias; }
inline bool has_bias_gradient(unsigned e) {
    return e == DReluBiasGradient || e == BiasGradientA || e == BiasGradientB;
}
inline bool writes_aux(unsigned e) { return e == ReluAux || e == ReluAuxBias; }
inline bool reads_aux(unsigned e) { return e == DRelu || e == DReluBiasGradient; }
inline bool has_relu(unsigned e) { return e == Relu || e == ReluBias || writes_aux(e); }
inline bool is_known(unsigned e) {
    return e == Default || has_relu(e) || has_bias(e) || has_bias_gradient(e) || reads_aux(e);
}

/// A product as the descriptors describe it, without its addresses of A to D.
struct Problem {
    LtOperation operation;
    LtLayout a, b, c, d;
    Element type_a, type_b, type_d, bias_type;
    long long m, n, k;
};

/// A status of cuBLAS if the descriptors do not fit each other or are not supported.
int describe(Handle operation, Handle a, Handle b, Handle c, Handle d, Problem* problem);
/// Equal for products that may share an algorithm.
unsigned long long signature(const Problem& problem);
int check_algorithm(const LtAlgorithm& algorithm, const Problem& problem);

}

}
