#include <algorithm>

#include "objects.h"

using namespace codat_sim;

namespace {

unsigned long long s_ids;

int create(Handle* handle, unsigned flags, int priority) {
    SIM_CONTEXT(context);
    if (handle == nullptr || flags > 1) return cu::InvalidValue;
    auto stream = std::make_shared<Stream>();
    stream->context = context;
    stream->flags = flags;
    stream->priority = std::clamp(priority, -5, 0);
    stream->id = ++s_ids;
    stream->handle = *handle = streams().add(stream);
    return cu::Success;
}

/// For calls that wait for a stream or look at it: not allowed on one that is capturing.
int refuse_captured(Stream& stream) {
    if (stream.capture == nullptr) return refuse_while_capturing();
    bool was_invalidated = stream.capture->invalidated;
    stream.capture->invalidated = true;
    return was_invalidated ? cu::CaptureInvalidated : cu::CaptureUnsupported;
}

}

SIM_EXPORT int cuStreamCreate(Handle* stream, unsigned flags) {
    SIM_CALL(cuStreamCreate);
    return create(stream, flags, 0);
}

SIM_EXPORT int cuStreamCreateWithPriority(Handle* stream, unsigned flags, int priority) {
    SIM_CALL(cuStreamCreateWithPriority);
    return create(stream, flags, priority);
}

SIM_EXPORT int cuStreamDestroy_v2(Handle handle) {
    SIM_RELEASE(cuStreamDestroy_v2);
    SIM_RELEASING_CONTEXT(context);
    auto stream = streams().find(handle);
    if (stream == nullptr) return bad_handle(streams(), streams().was_live(handle));
    if (stream->capture != nullptr) {
        add_problem("a capturing stream was destroyed");
        end_capture(*stream->capture);
    }
    drain(*stream);
    streams().take(handle);
    return SIM_RELEASED(sticky);
}

SIM_EXPORT int cuStreamSynchronize(Handle handle) {
    SIM_CALL(cuStreamSynchronize);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (int status = refuse_captured(*stream)) return status;
    if (stream->is_legacy()) drain_context(*stream->context);
    drain(*stream);
    return stream->context->sticky;
}

SIM_EXPORT int cuStreamQuery(Handle handle) {
    SIM_CALL(cuStreamQuery);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (int status = refuse_captured(*stream)) return status;
    make_progress(*stream);
    if (stream->context->sticky != 0) return stream->context->sticky;
    return stream->tasks.empty() ? cu::Success : cu::NotReady;
}

SIM_EXPORT int cuCtxSynchronize() {
    SIM_CALL(cuCtxSynchronize);
    SIM_CONTEXT(context);
    for (const auto& [handle, stream] : streams().live())
        if (stream->context == context && stream->capture != nullptr)
            return refuse_captured(*stream);
    drain_context(*context);
    return context->sticky;
}

SIM_EXPORT int cuStreamGetCtx(Handle handle, Handle* context) {
    SIM_CALL(cuStreamGetCtx);
    if (!initialised()) return cu::NotInitialized;
    if (context == nullptr) return cu::InvalidValue;
    if (handle <= 2) {
        SIM_CONTEXT(current);
        *context = current->handle;
        return cu::Success;
    }
    auto stream = streams().find(handle);
    if (stream == nullptr) return bad_handle(streams(), streams().was_live(handle));
    *context = stream->context->handle;
    return cu::Success;
}

SIM_EXPORT int cuStreamGetFlags(Handle handle, unsigned* flags) {
    SIM_CALL(cuStreamGetFlags);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (flags == nullptr) return cu::InvalidValue;
    *flags = stream->flags;
    return cu::Success;
}

SIM_EXPORT int cuStreamGetPriority(Handle handle, int* priority) {
    SIM_CALL(cuStreamGetPriority);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (priority == nullptr) return cu::InvalidValue;
    *priority = stream->priority;
    return cu::Success;
}

SIM_EXPORT int cuStreamGetId(Handle handle, unsigned long long* id) {
    SIM_CALL(cuStreamGetId);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (id == nullptr) return cu::InvalidValue;
    *id = stream->id;
    return cu::Success;
}

SIM_EXPORT int cuLaunchHostFunc(Handle handle, void (*function)(void*), void* data) {
    SIM_CALL(cuLaunchHostFunc);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (function == nullptr) return cu::InvalidValue;
    return enqueue(stream, NodeKind::Host, "host function", [function, data] {
        function(data);
        return 0;
    });
}
