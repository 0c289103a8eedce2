#include <algorithm>
#include <cstring>

#include "descriptor.h"

namespace codat_sim::dnn {

Registry<Descriptor>& descriptors() {
    static auto* registry = new Registry<Descriptor>("cudnn_descriptors");
    return *registry;
}

namespace {

std::string named(const Descriptor& descriptor, int name) {
    return "attribute " + std::to_string(name) + " of a descriptor of type " + std::to_string(descriptor.type);
}

int find(Handle handle, std::shared_ptr<Descriptor>* descriptor) {
    *descriptor = descriptors().find(handle);
    if (*descriptor != nullptr) return Success;
    if (descriptors().was_live(handle)) add_problem("use of a cuDNN descriptor after its release");
    return fail(BadParam, "no descriptor");
}

/// Which types of descriptor an attribute may refer to.
bool may_refer(int name, int type) {
    switch (name) {
        case 201: case 1300: return type == GraphType;
        case 300: return type == EngineType;
        case 401: return type == EngineConfigType;
        case 702: case 708: case 714: return type == ConvolutionType;
        case 750: return type == PointwiseType;
        case 801: return type >= ForwardType && type <= PointwiseOperationType;
        case 302: return false;
        default: return type == TensorType;
    }
}

int set(Descriptor& descriptor, int name, int type, int64_t count, const void* elements) {
    if (descriptor.finalized) return fail(BadParam, named(descriptor, name) + ": the descriptor is finalized");
    const AttributeRule* rule = find_rule(descriptor.type, name);
    if (rule == nullptr) return fail(BadParam, "there is no " + named(descriptor, name));
    if (rule->read_only) return fail(BadParam, named(descriptor, name) + " can only be read");
    if (type != rule->type && type != rule->other_type)
        return fail(WrongAttributeType, named(descriptor, name) + " is not of type " + std::to_string(type));
    if (count < rule->min_count || count > rule->max_count)
        return fail(BadParam, named(descriptor, name) + " does not take " + std::to_string(count) + " elements");
    if (elements == nullptr && count > 0) return fail(NullPointer, named(descriptor, name) + ": no elements");

    Attribute attribute;
    attribute.type = type;
    attribute.count = count;
    auto* begin = static_cast<const unsigned char*>(elements);
    attribute.bytes.assign(begin, begin + static_cast<size_t>(count) * size_of_type(type));
    for (int64_t i = 0; type == DescriptorValue && i < count; i++) {
        std::shared_ptr<Descriptor> referred;
        if (int status = find(static_cast<const Handle*>(elements)[i], &referred)) return status;
        if (!may_refer(name, referred->type))
            return fail(BadParam, named(descriptor, name) + " cannot be a descriptor of type "
                + std::to_string(referred->type));
        if (!referred->finalized)
            return fail(NotFinalized, named(descriptor, name) + " refers to a descriptor that is not finalized");
        attribute.descriptors.push_back(referred);
    }
    descriptor.attributes[name] = std::move(attribute);
    return Success;
}

int give(const void* values, int64_t available, size_t size, int64_t requested, int64_t* count, void* elements) {
    int64_t given = std::min(requested, available);
    if (count != nullptr) *count = requested == 0 ? available : given;
    if (given == 0) return Success;
    if (elements == nullptr) return fail(NullPointer, "no place for the elements");
    memcpy(elements, values, static_cast<size_t>(given) * size);
    return Success;
}

/// Fills descriptors that the caller created for the purpose.
int fill(int type, int64_t available, int64_t requested, int64_t* count, void* elements,
         const std::function<void(Descriptor&, size_t)>& fill_one) {
    int64_t given = std::min(requested, available);
    if (count != nullptr) *count = requested == 0 ? available : given;
    if (given > 0 && elements == nullptr) return fail(NullPointer, "no descriptors to fill");
    for (int64_t i = 0; i < given; i++) {
        std::shared_ptr<Descriptor> target;
        if (int status = find(static_cast<const Handle*>(elements)[i], &target)) return status;
        if (target->type != type || target->finalized)
            return fail(BadParam, "a descriptor to fill must be new and of type " + std::to_string(type));
        fill_one(*target, static_cast<size_t>(i));
        target->finalized = true;
    }
    return Success;
}

int get_computed(Descriptor& descriptor, int name, int64_t requested, int64_t* count, void* elements) {
    switch (name) {
        case 202:
            return fill(EngineConfigType, int64_t(descriptor.suggestions.size()), requested, count, elements,
                        [&](Descriptor& config, size_t i) {
                            config.engine = descriptor.suggestions[i];
                            config.graph = descriptor.graph;
                        });
        case 300:
            return fill(EngineType, 1, requested, count, elements, [&](Descriptor& engine, size_t) {
                engine.engine = descriptor.engine;
                engine.graph = descriptor.graph;
            });
        case 402: {
            int64_t bytes = descriptor.engine->workspace(*descriptor.graph);
            return give(&bytes, 1, 8, requested, count, elements);
        }
        case 405: {
            std::string text = write_plan(*descriptor.graph, descriptor.engine->index);
            // Stricter than what is known of the library: a caller must ask for the length first.
            if (requested > 0 && requested <= int64_t(text.size())) return fail(BadParam, "no room for the text");
            return give(text.c_str(), int64_t(text.size()) + 1, 1, requested, count, elements);
        }
        case 1301: return give(&descriptor.engine->index, 1, 8, requested, count, elements);
        case 1303:
            return give(descriptor.engine->numerical_notes.data(), int64_t(descriptor.engine->numerical_notes.size()),
                        4, requested, count, elements);
        case 1305:
            return give(descriptor.engine->behaviour_notes.data(), int64_t(descriptor.engine->behaviour_notes.size()),
                        4, requested, count, elements);
        default: return -1;
    }
}

int get(Descriptor& descriptor, int name, int type, int64_t requested, int64_t* count, void* elements) {
    const AttributeRule* rule = find_rule(descriptor.type, name);
    if (rule == nullptr) return fail(BadParam, "there is no " + named(descriptor, name));
    if (!descriptor.finalized) return fail(NotFinalized, named(descriptor, name) + ": the descriptor is not finalized");
    if (type != rule->type && type != rule->other_type)
        return fail(WrongAttributeType, named(descriptor, name) + " is not of type " + std::to_string(type));
    if (requested < 0) return fail(BadParam, "a negative number of elements");
    int status = get_computed(descriptor, name, requested, count, elements);
    if (status >= 0) return status;
    auto found = descriptor.attributes.find(name);
    if (found == descriptor.attributes.end() || found->second.type != type || type == DescriptorValue)
        return fail(BadParam, named(descriptor, name) + " was not set");
    return give(found->second.bytes.data(), found->second.count, size_of_type(type), requested, count, elements);
}

}

}

using namespace codat_sim;

SIM_EXPORT int cudnnBackendCreateDescriptor(int type, Handle* handle) {
    SIM_CALL(cudnnBackendCreateDescriptor);
    if (handle == nullptr) return dnn::fail(dnn::NullPointer, "descriptor");
    if (!dnn::is_known_descriptor(type))
        return dnn::fail(dnn::NotSupported, "descriptors of type " + std::to_string(type) + " are not simulated");
    auto made = std::make_shared<dnn::Descriptor>();
    made->type = type;
    *handle = dnn::descriptors().add(made);
    return dnn::Success;
}

SIM_EXPORT int cudnnBackendDestroyDescriptor(Handle handle) {
    SIM_RELEASE(cudnnBackendDestroyDescriptor);
    std::shared_ptr<dnn::Descriptor> found;
    if (int status = dnn::find(handle, &found)) return status;
    dnn::descriptors().take(handle);
    return SIM_RELEASED(dnn::Success);
}

SIM_EXPORT int cudnnBackendSetAttribute(Handle handle, int name, int type, int64_t count, const void* elements) {
    SIM_CALL(cudnnBackendSetAttribute);
    std::shared_ptr<dnn::Descriptor> found;
    if (int status = dnn::find(handle, &found)) return status;
    return dnn::set(*found, name, type, count, elements);
}

SIM_EXPORT int cudnnBackendGetAttribute(Handle handle, int name, int type, int64_t requested, int64_t* count,
                                        void* elements) {
    SIM_CALL(cudnnBackendGetAttribute);
    std::shared_ptr<dnn::Descriptor> found;
    if (int status = dnn::find(handle, &found)) return status;
    return dnn::get(*found, name, type, requested, count, elements);
}

SIM_EXPORT int cudnnBackendFinalize(Handle handle) {
    SIM_CALL(cudnnBackendFinalize);
    std::shared_ptr<dnn::Descriptor> found;
    if (int status = dnn::find(handle, &found)) return status;
    if (found->finalized) return dnn::fail(dnn::BadParam, "the descriptor is finalized already");
    bool complete;
    int missing = dnn::missing_attribute(*found, &complete);
    if (!complete)
        return dnn::fail(dnn::BadParam, "attribute " + std::to_string(missing) + " of a descriptor of type "
            + std::to_string(found->type) + " is not set");
    if (int status = dnn::finalize(*found)) return status;
    found->finalized = true;
    return dnn::Success;
}
