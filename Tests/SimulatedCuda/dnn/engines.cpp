// The engines: few, but of every kind that a filter has to tell apart.
#include <algorithm>

#include "graph.h"

namespace codat_sim::dnn {

namespace {

enum Note { TensorCore = 0, DownConvertInputs = 1, ReducedPrecisionReduction = 2, Fft = 3, Nondeterministic = 4 };
enum Behaviour { RuntimeCompilation = 0, NativeCudaGraph = 3 };

const Tensor& operand(const Graph& graph) { return *graph.convolution().inputs()[0]; }

bool refuse(std::string* reason, const char* why) {
    *reason = why;
    return false;
}

bool any_single(const Graph& graph, std::string* reason) {
    return !graph.is_fused() || refuse(reason, "the engine knows no fused operations");
}

/// Tensor cores want channels in multiples, and for floats they round.
bool tensor_cores(const Graph& graph, std::string* reason) {
    const Operation& o = graph.convolution();
    if (operand(graph).type == Element::Double) return refuse(reason, "no tensor cores for double");
    int64_t multiple = operand(graph).type == Element::Float ? 4 : 8;
    if (o.w.dims[1] % multiple != 0 || o.w.dims[0] % multiple != 0)
        return refuse(reason, "channels are no multiple of what tensor cores take");
    return !graph.is_fused() || refuse(reason, "the engine knows no fused operations");
}

bool gradients_only(const Graph& graph, std::string* reason) {
    if (graph.convolution().kind == Kind::Forward) return refuse(reason, "the engine computes gradients only");
    return any_single(graph, reason);
}

bool large_filters(const Graph& graph, std::string* reason) {
    const Operation& o = graph.convolution();
    if (o.kind != Kind::Forward || o.w.dims[2] < 3 || operand(graph).type != Element::Float)
        return refuse(reason, "the engine is for forward convolutions with large filters in single precision");
    return any_single(graph, reason);
}

bool fused(const Graph& graph, std::string* reason) {
    if (!graph.is_fused()) return refuse(reason, "the engine is for fused operations");
    if (operand(graph).type == Element::Double) return refuse(reason, "no fused operations in double");
    return true;
}

bool fused_rounding(const Graph& graph, std::string* reason) {
    return fused(graph, reason) && (operand(graph).type == Element::Float || refuse(reason, "only for floats"));
}

int64_t none(const Graph&) { return 0; }
int64_t small(const Graph&) { return 4096; }
int64_t filter_copies(const Graph& graph) { return graph.convolution().w.count() * 4 * 2; }
int64_t huge(const Graph&) { return int64_t{1} << 32; }

/// The plain engine sums filter gradients in two parts that it keeps in its workspace.
int64_t plain_workspace(const Graph& graph) {
    return graph.convolution().kind == Kind::BackwardFilter ? filter_copies(graph) : 0;
}

const Engine Engines[] = {
    {0, {}, {}, false, false, any_single, plain_workspace, false},
    {1, {TensorCore, DownConvertInputs}, {}, true, false, tensor_cores, small, false},
    {2, {Nondeterministic}, {}, false, true, gradients_only, filter_copies, false},
    {3, {Fft}, {}, false, false, large_filters, huge, false},
    {4, {}, {RuntimeCompilation, NativeCudaGraph}, false, false, fused, none, false},
    {5, {TensorCore, DownConvertInputs}, {RuntimeCompilation}, true, false, fused_rounding, small, false},
    {6, {ReducedPrecisionReduction}, {}, false, false, any_single, none, true},
};

// As a real heuristic does: the fastest first, which is seldom what a careful caller may take.
constexpr int64_t ByMode[] = {6, 5, 1, 2, 3, 4, 0};
constexpr int64_t Fallback[] = {0, 4};

}

const Engine* find_engine(int64_t index) {
    for (const Engine& engine : Engines)
        if (engine.index == index) return &engine;
    return nullptr;
}

std::vector<const Engine*> suggest(const Graph& graph, bool fallback) {
    std::vector<const Engine*> found;
    auto add = [&](int64_t index) {
        const Engine* engine = find_engine(index);
        std::string reason;
        if (engine->supports(graph, &reason)) found.push_back(engine);
    };
    if (fallback) std::for_each(std::begin(Fallback), std::end(Fallback), add);
    else std::for_each(std::begin(ByMode), std::end(ByMode), add);
    return found;
}

}
