// What a finished set of cuDNN descriptors says, in plain structures.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../blas/element.h"

namespace codat_sim::dnn {

enum Status {
    Success = 0, NotInitialized = 1001, BadParam = 2000, NullPointer = 2002, Misaligned = 2003, NotFinalized = 2004,
    OutOfBound = 2005, ShapeMismatch = 2008, WrongAttributeType = 2010, NotSupported = 3000, PatternNotSupported = 3001,
    InternalError = 4000, ExecutionFailed = 5000
};

constexpr int MaxDims = 4;

/// A tensor with dimensions N, C, H, W.
struct Tensor {
    int64_t id = 0, alignment = 16;
    Element type = Element::Float;
    std::array<int64_t, MaxDims> dims{}, strides{};
    bool is_virtual = false;

    int64_t count() const { return dims[0] * dims[1] * dims[2] * dims[3]; }
    size_t bytes() const {
        int64_t last = 0;
        for (int i = 0; i < MaxDims; i++) last += (dims[i] - 1) * strides[i];
        return static_cast<size_t>(last + 1) * size_of(type);
    }
    int64_t offset(int64_t n, int64_t c, int64_t h, int64_t w) const {
        return n * strides[0] + c * strides[1] + h * strides[2] + w * strides[3];
    }
    bool operator==(const Tensor& other) const {
        return id == other.id && alignment == other.alignment && type == other.type && dims == other.dims
            && strides == other.strides && is_virtual == other.is_virtual;
    }
};

enum class Kind : int { Forward = 10, BackwardFilter = 11, BackwardData = 12, Pointwise = 13 };
enum PointwiseMode { Add = 0, Mul = 1, ReluForward = 100, ReluBackward = 200 };

struct Convolution {
    Element compute = Element::Float;
    std::array<int64_t, 2> dilation{}, stride{}, pre_padding{}, post_padding{};
    bool flipped = false;                 // true convolution, not cross-correlation
};

/// One operation. A convolution names its tensors as in the forward direction, whichever of them it writes.
struct Operation {
    Kind kind = Kind::Forward;
    Convolution convolution;
    int mode = 0;                         // of a pointwise operation
    double alpha = 1, beta = 0;           // of a pointwise operation: factors of x and b
    Tensor x, w, y;                       // pointwise: x, b, y; ReLU backward: x, dy, dx
    bool has_w = true;

    const Tensor& output() const {
        return kind == Kind::BackwardFilter ? w : kind == Kind::BackwardData ? x : y;
    }
    std::vector<const Tensor*> inputs() const {
        if (kind == Kind::BackwardFilter) return {&x, &y};
        if (kind == Kind::BackwardData) return {&w, &y};
        if (kind == Kind::Pointwise && !has_w) return {&x};
        return {&x, &w};
    }
};

struct Graph {
    std::vector<Operation> operations;

    bool is_fused() const { return operations.size() > 1; }
    const Operation& convolution() const { return operations[0]; }
    /// Every tensor in memory, once.
    std::vector<const Tensor*> tensors_in_memory() const;
};

/// What an engine says about itself, and whether it takes a graph.
struct Engine {
    int64_t index;
    std::vector<int> numerical_notes, behaviour_notes;
    bool tf32, nondeterministic;
    bool (*supports)(const Graph& graph, std::string* reason);
    int64_t (*workspace)(const Graph& graph);
    bool refuses_plans;                   // says yes to a graph and no to the plan, as real ones do at times
};

const Engine* find_engine(int64_t index);
/// Engines in the order that a heuristic suggests them: mode A or instant, or the fallback.
std::vector<const Engine*> suggest(const Graph& graph, bool fallback);

std::string write_plan(const Graph& graph, int64_t engine);
bool read_plan(const std::string& text, Graph* graph, int64_t* engine);

struct Binding {
    std::vector<int64_t> ids;
    std::vector<uintptr_t> addresses;
    uintptr_t workspace = 0;
};

/// Checks all memory and runs the graph. 0, or the driver's status for a crash.
int run_graph(const Graph& graph, const Engine& engine, const Binding& binding);

/// Remembers what went wrong for this thread and returns the status.
int fail(int status, const std::string& message);

}
