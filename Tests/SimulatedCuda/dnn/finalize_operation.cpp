#include <algorithm>
#include <map>
#include <set>

#include "descriptor.h"

namespace codat_sim::dnn {

namespace {

/// A scalar that may be given as float or double; double arithmetic wants a double.
int read_scalar(const Descriptor& d, int name, Element compute, double* value) {
    if (!d.has(name)) return Success;
    bool is_double = d.attributes.at(name).type == DoubleValue;
    if (compute == Element::Double && !is_double)
        return fail(WrongAttributeType, "attribute " + std::to_string(name) + " must be a double here");
    *value = is_double ? d.value<double>(name) : d.value<float>(name);
    return Success;
}

int64_t output_size(int64_t input, int64_t filter, const Convolution& c, size_t i) {
    int64_t span = c.dilation[i] * (filter - 1) + 1, padded = input + c.pre_padding[i] + c.post_padding[i];
    return padded < span ? 0 : (padded - span) / c.stride[i] + 1;
}

int check_shapes(const Operation& o) {
    int64_t channels = o.x.dims[1], filters = o.w.dims[0], taken = o.w.dims[1];
    if (channels % taken != 0 || filters % (channels / taken) != 0)
        return fail(ShapeMismatch, "the channels of input and filter fit no number of groups");
    if (o.y.dims[0] != o.x.dims[0] || o.y.dims[1] != filters)
        return fail(ShapeMismatch, "the output's images or channels do not fit");
    for (size_t i = 0; i < 2; i++)
        if (o.y.dims[2 + i] != output_size(o.x.dims[2 + i], o.w.dims[2 + i], o.convolution, i))
            return fail(ShapeMismatch, "the output has not the size that the convolution gives");
    return Success;
}

int check_types(const Operation& o) {
    Element compute = o.convolution.compute;
    const Tensor& result = o.output();
    auto inputs = o.inputs();
    if (inputs[0]->type != inputs[1]->type) return fail(NotSupported, "operands of different types");
    bool is_double = inputs[0]->type == Element::Double;
    if (is_double != (compute == Element::Double) || is_double != (result.type == Element::Double))
        return fail(NotSupported, "double and other types are mixed");
    if (inputs[0]->type == Element::Float && result.type == Element::BFloat16)
        return fail(NotSupported, "a result below the operands' precision");
    return Success;
}

int finalize_convolution_operation(Descriptor& d) {
    Operation& o = d.operation;
    o.kind = static_cast<Kind>(d.type);
    // The numbers of the attributes follow one another: alpha, beta, convolution, and three tensors.
    int first = d.type == ForwardType ? 700 : d.type == BackwardDataType ? 706 : 712;
    o.convolution = d.reference(first + 2)->convolution;
    const Tensor& a = d.reference(first + 3)->tensor;
    const Tensor& b = d.reference(first + 4)->tensor;
    const Tensor& c = d.reference(first + 5)->tensor;
    o.w = a;
    o.x = b;
    o.y = c;
    if (int status = read_scalar(d, first, o.convolution.compute, &o.alpha)) return status;
    if (int status = read_scalar(d, first + 1, o.convolution.compute, &o.beta)) return status;
    if (int status = check_types(o)) return status;
    if (o.beta != 0 && o.output().is_virtual) return fail(BadParam, "beta needs a result in memory");
    return check_shapes(o);
}

bool broadcasts(const Tensor& from, const Tensor& to) {
    for (size_t i = 0; i < MaxDims; i++)
        if (from.dims[i] != to.dims[i] && from.dims[i] != 1) return false;
    return true;
}

int finalize_pointwise_operation(Descriptor& d) {
    Operation& o = d.operation;
    o.kind = Kind::Pointwise;
    o.mode = d.reference(750)->pointwise_mode;
    Element compute;
    if (!to_element(d.reference(750)->value<int>(1), &compute)) return fail(NotSupported, "this precision");
    bool backward = o.mode == ReluBackward, binary = o.mode == Add || o.mode == Mul;
    auto need = [&](int name, bool wanted) { return d.has(name) == wanted; };
    if (!need(753, !backward) || !need(756, backward) || !need(757, backward) || !need(752, binary))
        return fail(BadParam, "pointwise mode " + std::to_string(o.mode) + " takes other tensors");
    o.x = d.reference(751)->tensor;
    o.has_w = binary || backward;
    if (binary) o.w = d.reference(752)->tensor;
    if (backward) o.w = d.reference(757)->tensor;
    o.y = d.reference(backward ? 756 : 753)->tensor;
    o.beta = 1;
    if (int status = read_scalar(d, 754, compute, &o.alpha)) return status;
    if (int status = read_scalar(d, 755, compute, &o.beta)) return status;
    if (o.x.dims != o.y.dims || (o.has_w && !broadcasts(o.w, o.y)))
        return fail(ShapeMismatch, "the tensors of a pointwise operation do not fit each other");
    return Success;
}

/// Virtual tensors are written once before they are read; a number always means the same tensor.
int check_flow(const Graph& graph) {
    std::map<int64_t, const Tensor*> known;
    std::set<int64_t> written, read;
    for (const Operation& operation : graph.operations) {
        auto tensors = operation.inputs();
        for (const Tensor* input : tensors) {
            if (input->is_virtual && written.count(input->id) == 0)
                return fail(BadParam, "a virtual tensor is read before it is written");
            read.insert(input->id);
        }
        tensors.push_back(&operation.output());
        for (const Tensor* tensor : tensors) {
            auto [at, fresh] = known.try_emplace(tensor->id, tensor);
            if (!fresh && !(*at->second == *tensor))
                return fail(BadParam, "two tensors share the number " + std::to_string(tensor->id));
        }
        if (!written.insert(operation.output().id).second) return fail(BadParam, "a tensor is written twice");
    }
    for (const auto& [id, tensor] : known)
        if (tensor->is_virtual && read.count(id) == 0) return fail(BadParam, "a virtual tensor is never read");
    return Success;
}

}

int finalize_operation(Descriptor& d) {
    return d.type == PointwiseOperationType ? finalize_pointwise_operation(d) : finalize_convolution_operation(d);
}

int finalize_graph(Descriptor& d) {
    if (dnn_handles().find(d.value<Handle>(800)) == nullptr) return fail(BadParam, "no handle");
    d.graph = std::make_shared<Graph>();
    for (const auto& operation : d.attributes.at(801).descriptors) d.graph->operations.push_back(operation->operation);
    if (int status = check_flow(*d.graph)) return status;
    if (d.graph->operations[0].kind == Kind::Pointwise)
        return fail(PatternNotSupported, "a graph must begin with a convolution");
    for (size_t i = 1; i < d.graph->operations.size(); i++)
        if (d.graph->operations[i].kind != Kind::Pointwise)
            return fail(PatternNotSupported, "a graph must have one convolution");
    return Success;
}

std::vector<const Tensor*> Graph::tensors_in_memory() const {
    std::vector<const Tensor*> found;
    for (const Operation& operation : operations) {
        auto tensors = operation.inputs();
        tensors.push_back(&operation.output());
        for (const Tensor* tensor : tensors) {
            bool known = std::any_of(found.begin(), found.end(), [&](const Tensor* t) { return t->id == tensor->id; });
            if (!tensor->is_virtual && !known) found.push_back(tensor);
        }
    }
    return found;
}

}
