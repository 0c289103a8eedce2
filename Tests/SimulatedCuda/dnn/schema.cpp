#include "descriptor.h"

namespace codat_sim::dnn {

namespace {

constexpr int64_t Many = 1 << 20;

// Descriptor, attribute, type, least and most elements, required, read-only, another type.
constexpr AttributeRule Rules[] = {
    {PointwiseType, 0, PointwiseModeValue, 1, 1, true, false, -1},
    {PointwiseType, 1, DataTypeValue, 1, 1, true, false, -1},
    {PointwiseType, 3, DoubleValue, 1, 1, false, false, FloatValue},
    {PointwiseType, 4, DoubleValue, 1, 1, false, false, FloatValue},
    {PointwiseType, 5, DoubleValue, 1, 1, false, false, FloatValue},

    {ConvolutionType, 100, DataTypeValue, 1, 1, true, false, -1},
    {ConvolutionType, 101, ConvolutionModeValue, 1, 1, true, false, -1},
    {ConvolutionType, 102, Int64Value, 1, 6, true, false, -1},
    {ConvolutionType, 103, Int64Value, 1, 6, true, false, -1},
    {ConvolutionType, 104, Int64Value, 1, 6, true, false, -1},
    {ConvolutionType, 105, Int64Value, 1, 6, true, false, -1},
    {ConvolutionType, 106, Int64Value, 1, 1, true, false, -1},

    {HeuristicType, 200, HeuristicModeValue, 1, 1, true, false, -1},
    {HeuristicType, 201, DescriptorValue, 1, 1, true, false, -1},
    {HeuristicType, 202, DescriptorValue, 0, Many, false, true, -1},
    {HeuristicType, 203, Int64Value, 1, 1, false, false, Int32Value},

    {EngineConfigType, 300, DescriptorValue, 1, 1, true, false, -1},
    {EngineConfigType, 302, DescriptorValue, 0, Many, false, false, -1},

    {PlanType, 400, HandleValue, 1, 1, true, false, -1},
    {PlanType, 401, DescriptorValue, 1, 1, false, false, -1},
    {PlanType, 402, Int64Value, 1, 1, false, true, -1},
    {PlanType, 405, CharValue, 1, Many, false, false, -1},

    {ForwardType, 700, FloatValue, 1, 1, true, false, DoubleValue},
    {ForwardType, 701, FloatValue, 1, 1, true, false, DoubleValue},
    {ForwardType, 702, DescriptorValue, 1, 1, true, false, -1},
    {ForwardType, 703, DescriptorValue, 1, 1, true, false, -1},
    {ForwardType, 704, DescriptorValue, 1, 1, true, false, -1},
    {ForwardType, 705, DescriptorValue, 1, 1, true, false, -1},
    {BackwardDataType, 706, FloatValue, 1, 1, true, false, DoubleValue},
    {BackwardDataType, 707, FloatValue, 1, 1, true, false, DoubleValue},
    {BackwardDataType, 708, DescriptorValue, 1, 1, true, false, -1},
    {BackwardDataType, 709, DescriptorValue, 1, 1, true, false, -1},
    {BackwardDataType, 710, DescriptorValue, 1, 1, true, false, -1},
    {BackwardDataType, 711, DescriptorValue, 1, 1, true, false, -1},
    {BackwardFilterType, 712, FloatValue, 1, 1, true, false, DoubleValue},
    {BackwardFilterType, 713, FloatValue, 1, 1, true, false, DoubleValue},
    {BackwardFilterType, 714, DescriptorValue, 1, 1, true, false, -1},
    {BackwardFilterType, 715, DescriptorValue, 1, 1, true, false, -1},
    {BackwardFilterType, 716, DescriptorValue, 1, 1, true, false, -1},
    {BackwardFilterType, 717, DescriptorValue, 1, 1, true, false, -1},

    {PointwiseOperationType, 750, DescriptorValue, 1, 1, true, false, -1},
    {PointwiseOperationType, 751, DescriptorValue, 1, 1, true, false, -1},
    {PointwiseOperationType, 752, DescriptorValue, 1, 1, false, false, -1},
    {PointwiseOperationType, 753, DescriptorValue, 1, 1, false, false, -1},
    {PointwiseOperationType, 754, FloatValue, 1, 1, false, false, DoubleValue},
    {PointwiseOperationType, 755, FloatValue, 1, 1, false, false, DoubleValue},
    {PointwiseOperationType, 756, DescriptorValue, 1, 1, false, false, -1},
    {PointwiseOperationType, 757, DescriptorValue, 1, 1, false, false, -1},

    {GraphType, 800, HandleValue, 1, 1, true, false, -1},
    {GraphType, 801, DescriptorValue, 1, 64, true, false, -1},

    {TensorType, 900, Int64Value, 1, 1, true, false, -1},
    {TensorType, 901, DataTypeValue, 1, 1, true, false, -1},
    {TensorType, 902, Int64Value, 1, 8, true, false, -1},
    {TensorType, 903, Int64Value, 1, 8, true, false, -1},
    {TensorType, 906, Int64Value, 1, 1, true, false, -1},
    {TensorType, 907, BooleanValue, 1, 1, false, false, -1},
    {TensorType, 908, BooleanValue, 1, 1, false, false, -1},

    {PackType, 1000, Int64Value, 1, Many, true, false, -1},
    {PackType, 1001, PointerValue, 1, Many, true, false, -1},
    {PackType, 1003, PointerValue, 1, 1, false, false, -1},

    {EngineType, 1300, DescriptorValue, 1, 1, true, false, -1},
    {EngineType, 1301, Int64Value, 1, 1, true, false, -1},
    {EngineType, 1303, NumericalNoteValue, 0, Many, false, true, -1},
    {EngineType, 1305, BehaviourNoteValue, 0, Many, false, true, -1},
};

}

size_t size_of_type(int attribute_type) {
    switch (attribute_type) {
        case HandleValue: case Int64Value: case DoubleValue: case PointerValue: case DescriptorValue: return 8;
        case DataTypeValue: case FloatValue: case ConvolutionModeValue: case HeuristicModeValue:
        case NumericalNoteValue: case PointwiseModeValue: case BehaviourNoteValue: case Int32Value: return 4;
        case BooleanValue: case CharValue: return 1;
        default: return 0;
    }
}

const AttributeRule* find_rule(int descriptor, int name) {
    for (const AttributeRule& rule : Rules)
        if (rule.descriptor == descriptor && rule.name == name) return &rule;
    return nullptr;
}

int missing_attribute(const Descriptor& descriptor, bool* complete) {
    *complete = false;
    for (const AttributeRule& rule : Rules)
        if (rule.descriptor == descriptor.type && rule.required && !descriptor.has(rule.name)) return rule.name;
    *complete = true;
    return 0;
}

bool is_known_descriptor(int type) {
    for (const AttributeRule& rule : Rules)
        if (rule.descriptor == type) return true;
    return false;
}

bool to_element(int data_type, Element* element) {
    switch (data_type) {
        case 0: *element = Element::Float; return true;
        case 1: *element = Element::Double; return true;
        case 9: *element = Element::BFloat16; return true;
        default: return false;
    }
}

}
