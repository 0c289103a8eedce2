#include <algorithm>
#include <set>

#include "descriptor.h"

namespace codat_sim::dnn {

namespace {

int finalize_tensor(Descriptor& d) {
    Tensor& tensor = d.tensor;
    if (!to_element(d.value<int>(901), &tensor.type))
        return fail(NotSupported, "this type of element is not simulated");
    const Attribute& dims = d.attributes.at(902);
    if (d.attributes.at(903).count != dims.count) return fail(BadParam, "dimensions and strides differ in number");
    if (dims.count != MaxDims) return fail(NotSupported, "tensors without exactly 4 dimensions are not simulated");
    for (size_t i = 0; i < MaxDims; i++) {
        tensor.dims[i] = d.value<int64_t>(902, i);
        tensor.strides[i] = d.value<int64_t>(903, i);
        if (tensor.dims[i] <= 0) return fail(BadParam, "a dimension is not positive");
        if (tensor.strides[i] <= 0) return fail(BadParam, "a stride is not positive");
    }
    tensor.alignment = d.value<int64_t>(900);
    bool power = tensor.alignment > 0 && (tensor.alignment & (tensor.alignment - 1)) == 0;
    if (!power || tensor.alignment < int64_t(size_of(tensor.type)))
        return fail(BadParam, "the alignment is no power of two of at least an element");
    tensor.id = d.value<int64_t>(906);
    tensor.is_virtual = d.has(907) && d.value<unsigned char>(907) != 0;
    if (d.has(908) && d.value<unsigned char>(908) != 0) return fail(NotSupported, "tensors by value are not simulated");
    return Success;
}

int finalize_convolution(Descriptor& d) {
    if (d.value<int64_t>(106) != 2) return fail(NotSupported, "convolutions over other than 2 dimensions");
    for (int name : {102, 103, 104, 105})
        if (d.attributes.at(name).count != 2)
            return fail(BadParam, "attribute " + std::to_string(name) + " needs one number for each dimension");
    Convolution& c = d.convolution;
    if (!to_element(d.value<int>(100), &c.compute) || c.compute == Element::BFloat16)
        return fail(NotSupported, "this compute type is not simulated");
    int mode = d.value<int>(101);
    if (mode != 0 && mode != 1) return fail(BadParam, "no such mode of convolution");
    c.flipped = mode == 0;
    for (size_t i = 0; i < 2; i++) {
        c.dilation[i] = d.value<int64_t>(102, i);
        c.stride[i] = d.value<int64_t>(103, i);
        c.post_padding[i] = d.value<int64_t>(104, i);
        c.pre_padding[i] = d.value<int64_t>(105, i);
        if (c.dilation[i] < 1 || c.stride[i] < 1) return fail(BadParam, "a dilation or stride is below 1");
        if (c.pre_padding[i] < 0 || c.post_padding[i] < 0) return fail(BadParam, "a padding is negative");
    }
    return Success;
}

int finalize_pointwise(Descriptor& d) {
    d.pointwise_mode = d.value<int>(0);
    bool known = d.pointwise_mode == Add || d.pointwise_mode == Mul || d.pointwise_mode == ReluForward
        || d.pointwise_mode == ReluBackward;
    if (!known) return fail(NotSupported, "pointwise mode " + std::to_string(d.pointwise_mode) + " is not simulated");
    for (int name : {3, 4, 5})
        if (d.has(name)) return fail(NotSupported, "clipped or leaky ReLU is not simulated");
    return Success;
}

int finalize_heuristic(Descriptor& d) {
    int mode = d.value<int>(200);
    if (mode < 0 || mode > 3) return fail(BadParam, "no such mode of a heuristic");
    d.graph = d.reference(201)->graph;
    d.suggestions = suggest(*d.graph, mode == 2);
    return Success;
}

int finalize_engine(Descriptor& d) {
    d.graph = d.reference(1300)->graph;
    d.engine = find_engine(d.value<int64_t>(1301));
    std::string reason;
    if (d.engine == nullptr) return fail(BadParam, "no engine of this index");
    return d.engine->supports(*d.graph, &reason) ? int(Success) : fail(NotSupported, reason);
}

int finalize_pack(Descriptor& d) {
    const Attribute& ids = d.attributes.at(1000);
    if (ids.count != d.attributes.at(1001).count) return fail(BadParam, "numbers and addresses differ in number");
    std::set<int64_t> seen;
    for (size_t i = 0; i < size_t(ids.count); i++) {
        d.binding.ids.push_back(d.value<int64_t>(1000, i));
        d.binding.addresses.push_back(d.value<uintptr_t>(1001, i));
        if (!seen.insert(d.binding.ids.back()).second) return fail(BadParam, "a tensor's number appears twice");
    }
    if (d.has(1003)) d.binding.workspace = d.value<uintptr_t>(1003);
    return Success;
}

}

int finalize_plan(Descriptor& d) {
    auto handle = dnn_handles().find(d.value<Handle>(400));
    if (handle == nullptr) return fail(BadParam, "no handle");
    d.handle = handle;
    if (d.has(401) == d.has(405)) return fail(BadParam, "a plan is made from a configuration or from its text");
    if (d.has(401)) {
        d.engine = d.reference(401)->engine;
        d.graph = d.reference(401)->graph;
    } else {
        const Attribute& text = d.attributes.at(405);
        std::string json(text.bytes.begin(), text.bytes.end());
        int64_t index;
        d.graph = std::make_shared<Graph>();
        if (!read_plan(json, d.graph.get(), &index)) return fail(BadParam, "the text is no plan of this version");
        d.engine = find_engine(index);
    }
    std::string reason;
    if (d.engine == nullptr) return fail(BadParam, "no such engine");
    if (d.engine->refuses_plans) return fail(NotSupported, "the engine does not take this graph after all");
    return d.engine->supports(*d.graph, &reason) ? int(Success) : fail(NotSupported, reason);
}

int finalize(Descriptor& d) {
    switch (d.type) {
        case TensorType: return finalize_tensor(d);
        case ConvolutionType: return finalize_convolution(d);
        case PointwiseType: return finalize_pointwise(d);
        case ForwardType: case BackwardDataType: case BackwardFilterType: case PointwiseOperationType:
            return finalize_operation(d);
        case GraphType: return finalize_graph(d);
        case HeuristicType: return finalize_heuristic(d);
        case EngineType: return finalize_engine(d);
        case EngineConfigType:
            d.engine = d.reference(300)->engine;
            d.graph = d.reference(300)->graph;
            return Success;
        case PlanType: return finalize_plan(d);
        case PackType: return finalize_pack(d);
        default: return fail(InternalError, "an unknown descriptor");
    }
}

}
