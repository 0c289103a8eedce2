#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "../core/memory.h"
#include "convolution.h"
#include "descriptor.h"

namespace codat_sim::dnn {

namespace {

/// Values of tensors while a graph runs: memory is read before anything is written, so results may lie on operands.
template <class T> class Run {
public:
    Run(const Graph& graph, const Engine& engine, const Binding& binding)
        : _graph(graph), _engine(engine), _binding(binding) {}

    int run() {
        for (const Operation& operation : _graph.operations) {
            if (operation.kind == Kind::Pointwise) pointwise(operation);
            else convolution(operation);
        }
        for (const Operation& operation : _graph.operations)
            if (!operation.output().is_virtual)
                write_tensor(operation.output(), address(operation.output()), _values.at(operation.output().id));
        return 0;
    }

private:
    void* address(const Tensor& tensor) const {
        for (size_t i = 0; i < _binding.ids.size(); i++)
            if (_binding.ids[i] == tensor.id) return reinterpret_cast<void*>(_binding.addresses[i]);
        return nullptr;
    }

    Values<T>& values(const Tensor& tensor, bool tf32 = false) {
        auto [found, fresh] = _values.try_emplace(tensor.id);
        if (fresh) found->second = read_tensor<T>(tensor, address(tensor), tf32);
        return found->second;
    }

    void convolution(const Operation& o) {
        static unsigned s_pass;
        auto inputs = o.inputs();
        bool tf32 = _engine.tf32 && inputs[0]->type == Element::Float;
        // In the forward direction the input comes first; data gradients are made from the filter.
        Values<T> result = convolve(o, values(*inputs[0], tf32), values(*inputs[1], tf32),
                                    _engine.nondeterministic ? ++s_pass : 0);
        Values<T> old;
        if (o.beta != 0) old = read_tensor<T>(o.output(), address(o.output()), false);
        for (size_t i = 0; i < result.size(); i++) {
            result[i] *= static_cast<T>(o.alpha);
            if (o.beta != 0) result[i] += static_cast<T>(o.beta) * old[i];
        }
        _values[o.output().id] = std::move(result);
    }

    void pointwise(const Operation& o) {
        Values<T>& x = values(o.x);
        Values<T> y(x.size());
        if (o.mode == ReluForward) {
            for (size_t i = 0; i < x.size(); i++) y[i] = x[i] > 0 || x[i] != x[i] ? x[i] : T(0);
        } else {
            Values<T>& other = values(o.w);
            for (size_t i = 0; i < x.size(); i++) {
                T b = other[index_in(o.w, o.y, i)];
                T alpha = static_cast<T>(o.alpha), beta = static_cast<T>(o.beta);
                y[i] = o.mode == Add ? alpha * x[i] + beta * b : o.mode == Mul ? alpha * x[i] * beta * b
                    : x[i] > 0 ? b : T(0);
            }
        }
        _values[o.y.id] = std::move(y);
    }

    /// Where element i of a dense result finds its partner in a tensor with dimensions of size 1.
    static size_t index_in(const Tensor& from, const Tensor& to, size_t i) {
        auto at = static_cast<int64_t>(i);
        int64_t c = at % to.dims[1], w = at / to.dims[1] % to.dims[3], h = at / to.dims[1] / to.dims[3] % to.dims[2];
        int64_t n = at / to.dims[1] / to.dims[3] / to.dims[2];
        auto pick = [&](size_t dim, int64_t index) { return from.dims[dim] == 1 ? 0 : index; };
        return static_cast<size_t>(((pick(0, n) * from.dims[2] + pick(2, h)) * from.dims[3] + pick(3, w)) * from.dims[1]
            + pick(1, c));
    }

    const Graph& _graph;
    const Engine& _engine;
    const Binding& _binding;
    std::map<int64_t, Values<T>> _values;
};

bool is_read(const Graph& graph, int64_t id) {
    for (const Operation& operation : graph.operations) {
        for (const Tensor* input : operation.inputs())
            if (input->id == id) return true;
        if (operation.beta != 0 && operation.kind != Kind::Pointwise && operation.output().id == id) return true;
    }
    return false;
}

int check_memory(const Graph& graph, const Engine& engine, const Binding& binding) {
    for (const Tensor* tensor : graph.tensors_in_memory())
        for (size_t i = 0; i < binding.ids.size(); i++) {
            if (binding.ids[i] != tensor->id) continue;
            std::string role = "tensor " + std::to_string(tensor->id) + " of a convolution";
            if (!device_memory().check(binding.addresses[i], tensor->bytes(), role.c_str())) return cu::IllegalAddress;
            if (is_read(graph, tensor->id))
                check_initialised(reinterpret_cast<void*>(binding.addresses[i]), tensor->bytes(), role.c_str());
        }
    auto workspace = static_cast<size_t>(engine.workspace(graph));
    if (!device_memory().check(binding.workspace, workspace, "workspace of a convolution")) return cu::IllegalAddress;
    if (workspace > 0) fill_with_pattern(reinterpret_cast<void*>(binding.workspace), workspace);
    return 0;
}

/// The pack must name every tensor in memory and nothing else, at addresses as aligned as promised.
int check_binding(const Graph& graph, const Engine& engine, const Binding& binding) {
    auto tensors = graph.tensors_in_memory();
    for (const Tensor* tensor : tensors) {
        auto found = std::find(binding.ids.begin(), binding.ids.end(), tensor->id);
        if (found == binding.ids.end())
            return fail(BadParam, "the pack has no address for tensor " + std::to_string(tensor->id));
        uintptr_t address = binding.addresses[static_cast<size_t>(found - binding.ids.begin())];
        if (address == 0) return fail(NullPointer, "tensor " + std::to_string(tensor->id) + " has no address");
        if (address % static_cast<uintptr_t>(tensor->alignment) != 0)
            return fail(Misaligned, "tensor " + std::to_string(tensor->id) + " is less aligned than promised");
    }
    if (binding.ids.size() != tensors.size()) return fail(BadParam, "the pack names tensors that the plan has not");
    if (engine.workspace(graph) > 0 && binding.workspace == 0) return fail(NullPointer, "the plan needs a workspace");
    return Success;
}

}

static int64_t s_slow_engine = -1;
constexpr std::chrono::milliseconds SlowEngineDelay{20};

int run_graph(const Graph& graph, const Engine& engine, const Binding& binding) {
    if (engine.index == s_slow_engine) std::this_thread::sleep_for(SlowEngineDelay);
    if (int status = check_memory(graph, engine, binding)) return status;
    if (graph.convolution().convolution.compute == Element::Double) return Run<double>(graph, engine, binding).run();
    return Run<float>(graph, engine, binding).run();
}

}

using namespace codat_sim;

/// Makes one engine slower than any other; -1 for none.
SIM_EXPORT void codatSimSlowEngine(int64_t index) {
    std::lock_guard guard(simulation_lock());
    dnn::s_slow_engine = index;
}

SIM_EXPORT int cudnnBackendExecute(Handle handle, Handle plan_handle, Handle pack_handle) {
    SIM_CALL(cudnnBackendExecute);
    auto found = dnn::dnn_handles().find(handle);
    if (found == nullptr) return dnn::fail(dnn::BadParam, "no handle");
    auto plan = dnn::descriptors().find(plan_handle), pack = dnn::descriptors().find(pack_handle);
    if (plan == nullptr || pack == nullptr) {
        add_problem("an execution names a descriptor that is gone");
        return dnn::fail(dnn::BadParam, "no descriptor");
    }
    if (plan->type != dnn::PlanType || pack->type != dnn::PackType)
        return dnn::fail(dnn::BadParam, "not an execution plan and a variant pack");
    if (!plan->finalized || !pack->finalized) return dnn::fail(dnn::NotFinalized, "plan or pack is not finalized");
    if (plan->handle != found) return dnn::fail(dnn::BadParam, "the plan was made for another handle");
    if (int status = dnn::check_binding(*plan->graph, *plan->engine, pack->binding)) return status;

    std::shared_ptr<Stream> stream;
    if (int status = find_stream(found->stream, &stream))
        return dnn::fail(dnn::ExecutionFailed, "the stream cannot be used, status " + std::to_string(status));
    if (stream->context != found->context) {
        add_problem("a cuDNN handle of another context than the current one");
        return dnn::fail(dnn::ExecutionFailed, "another context is current");
    }
    // What runs later needs the graph and the addresses, not the descriptors.
    auto graph = plan->graph;
    auto binding = pack->binding;
    const dnn::Engine* engine = plan->engine;
    int status = enqueue(stream, NodeKind::Kernel, "convolution", [graph, engine, binding] {
        return dnn::run_graph(*graph, *engine, binding);
    });
    return status == 0 ? int(dnn::Success) : dnn::fail(dnn::ExecutionFailed, "status " + std::to_string(status));
}
