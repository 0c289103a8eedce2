// A plan as text: a list of whole numbers that says all of the graph, so that a plan can be made from it alone.
#include <cstdlib>
#include <cstring>

#include "../core/settings.h"
#include "graph.h"

namespace codat_sim::dnn {

namespace {

constexpr const char* Head = "{\"simulated_plan\":[";

/// Writes numbers, or reads them into the same places, so that both directions are one list of fields.
class Codec {
public:
    Codec() = default;
    explicit Codec(const char* text) : _text(text), _reading(true) {}

    void number(int64_t& value) {
        if (!_reading) {
            _out += (_out.empty() ? "" : ",") + std::to_string(value);
            return;
        }
        char* end;
        value = strtoll(_text, &end, 10);
        failed = failed || end == _text;
        _text = *end == ',' ? end + 1 : end;
    }
    void real(double& value) {
        int64_t bits;
        memcpy(&bits, &value, 8);
        number(bits);
        memcpy(&value, &bits, 8);
    }
    template <class T> void whole(T& value) {
        int64_t wide = static_cast<int64_t>(value);
        number(wide);
        value = static_cast<T>(wide);
    }
    bool at_end() const { return *_text == ']'; }
    const std::string& text() const { return _out; }
    bool failed = false;

private:
    const char* _text = "";
    bool _reading = false;
    std::string _out;
};

void code(Codec& codec, Tensor& tensor) {
    codec.number(tensor.id);
    codec.number(tensor.alignment);
    codec.whole(tensor.type);
    for (int64_t& dim : tensor.dims) codec.number(dim);
    for (int64_t& stride : tensor.strides) codec.number(stride);
    codec.whole(tensor.is_virtual);
}

void code(Codec& codec, Operation& operation) {
    codec.whole(operation.kind);
    codec.whole(operation.convolution.compute);
    for (auto* pair : {&operation.convolution.dilation, &operation.convolution.stride,
                       &operation.convolution.pre_padding, &operation.convolution.post_padding})
        for (int64_t& value : *pair) codec.number(value);
    codec.whole(operation.convolution.flipped);
    codec.whole(operation.mode);
    codec.real(operation.alpha);
    codec.real(operation.beta);
    for (Tensor* tensor : {&operation.x, &operation.w, &operation.y}) code(codec, *tensor);
    codec.whole(operation.has_w);
}

}

std::string write_plan(const Graph& graph, int64_t engine) {
    Codec codec;
    int64_t version = settings().cudnn_version, count = static_cast<int64_t>(graph.operations.size());
    codec.number(version);
    codec.number(engine);
    codec.number(count);
    for (Operation operation : graph.operations) code(codec, operation);
    return Head + codec.text() + "]}";
}

bool read_plan(const std::string& text, Graph* graph, int64_t* engine) {
    if (text.rfind(Head, 0) != 0) return false;
    Codec codec(text.c_str() + strlen(Head));
    int64_t version = 0, count = 0;
    codec.number(version);
    codec.number(*engine);
    codec.number(count);
    if (codec.failed || version != settings().cudnn_version || count < 1 || count > 64) return false;
    for (int64_t i = 0; i < count; i++) {
        Operation operation;
        code(codec, operation);
        if (codec.failed) return false;
        graph->operations.push_back(operation);
    }
    return codec.at_end();
}

}
