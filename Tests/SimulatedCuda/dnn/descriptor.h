// cuDNN's descriptors: attributes are set one by one, checked against a table, and turned into a structure at the end.
#pragma once
#include <cstring>
#include <map>

#include "../driver/objects.h"
#include "graph.h"

namespace codat_sim::dnn {

enum DescriptorType {
    PointwiseType = 0, ConvolutionType = 1, EngineType = 2, EngineConfigType = 3, HeuristicType = 4, PlanType = 5,
    ForwardType = 10, BackwardFilterType = 11, BackwardDataType = 12, PointwiseOperationType = 13, GraphType = 15,
    PackType = 16, TensorType = 17
};

enum AttributeType {
    HandleValue = 0, DataTypeValue = 1, BooleanValue = 2, Int64Value = 3, FloatValue = 4, DoubleValue = 5,
    PointerValue = 6, ConvolutionModeValue = 7, HeuristicModeValue = 8, NumericalNoteValue = 11,
    PointwiseModeValue = 14, DescriptorValue = 15, BehaviourNoteValue = 19, Int32Value = 23, CharValue = 24
};

/// Bytes of one element; 0 for types that are not known.
size_t size_of_type(int attribute_type);

struct DnnHandle {
    std::shared_ptr<Context> context;
    Handle stream = 0;
};

struct Descriptor;

struct Attribute {
    int type = 0;
    int64_t count = 0;
    std::vector<unsigned char> bytes;
    std::vector<std::shared_ptr<Descriptor>> descriptors;
};

struct Descriptor {
    int type;
    bool finalized = false;
    std::map<int, Attribute> attributes;

    // Filled at the end, according to the type.
    Tensor tensor;
    Convolution convolution;
    int pointwise_mode = 0;
    Operation operation;
    std::shared_ptr<Graph> graph;
    const Engine* engine = nullptr;
    std::vector<const Engine*> suggestions;
    std::shared_ptr<DnnHandle> handle;
    Binding binding;

    bool has(int name) const { return attributes.count(name) != 0; }
    /// The value of an attribute that is known to be set and of this type.
    template <class T> T value(int name, size_t index = 0) const {
        T result;
        memcpy(&result, attributes.at(name).bytes.data() + index * sizeof(T), sizeof(T));
        return result;
    }
    std::shared_ptr<Descriptor> reference(int name, size_t index = 0) const {
        return attributes.at(name).descriptors.at(index);
    }
};

Registry<DnnHandle>& dnn_handles();
Registry<Descriptor>& descriptors();

/// One attribute of one type of descriptor.
struct AttributeRule {
    int descriptor, name, type;
    int64_t min_count, max_count;
    bool required, read_only;
    int other_type;                       // a second type that is taken, or -1
};

const AttributeRule* find_rule(int descriptor, int name);
/// The first attribute that must be set and is not; 0 if none, with `complete` true.
int missing_attribute(const Descriptor& descriptor, bool* complete);
bool is_known_descriptor(int type);

/// Turns the attributes into the structure; a status with its message noted if they make no sense.
int finalize(Descriptor& descriptor);
int finalize_operation(Descriptor& descriptor);
int finalize_graph(Descriptor& descriptor);
int finalize_plan(Descriptor& descriptor);

bool to_element(int data_type, Element* element);

}
