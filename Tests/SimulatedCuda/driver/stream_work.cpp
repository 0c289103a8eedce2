#include "../core/settings.h"
#include "objects.h"

namespace codat_sim {

Registry<Stream>& streams() {
    static auto* registry = new Registry<Stream>("streams");
    return *registry;
}

int find_stream(Handle handle, std::shared_ptr<Stream>* stream) {
    std::shared_ptr<Context> context;
    if (int status = current_context(&context)) return status;
    if (handle <= 2) {
        *stream = context->legacy;
        return cu::Success;
    }
    *stream = streams().find(handle);
    if (*stream == nullptr) return bad_handle(streams(), streams().was_live(handle));
    if ((*stream)->context != context) {
        add_problem("a stream of another context than the current one");
        return cu::InvalidHandle;
    }
    return cu::Success;
}

namespace {

/// Work on the legacy stream waits for all blocking streams, and none of them may be capturing.
int enter_legacy(Stream& legacy) {
    add_problem("work on the legacy stream");
    for (const auto& [handle, other] : streams().live()) {
        if (other->context != legacy.context || !other->is_blocking()) continue;
        if (other->capture != nullptr) {
            other->capture->invalidated = true;
            return cu::CaptureImplicit;
        }
        drain(*other);
    }
    return cu::Success;
}

}

int enqueue(const std::shared_ptr<Stream>& stream, NodeKind kind, const std::string& what, Work work) {
    if (stream->capture != nullptr) {
        Capture& capture = *stream->capture;
        if (capture.invalidated) return cu::CaptureInvalidated;
        capture.graph->nodes.push_back({kind, what, std::move(work), nullptr, 0});
        capture.find(*stream)->work++;
        return cu::Success;
    }
    if (stream->is_legacy())
        if (int status = enter_legacy(*stream)) return status;
    push(*stream, what, std::move(work), false);
    return cu::Success;
}

void push(Stream& stream, const std::string& what, Work work, bool always) {
    stream.tasks.push_back({what, std::move(work), always});
    if (!settings().lazy || stream.is_legacy()) drain(stream);
}

namespace {

void run_first(Stream& stream) {
    Task task = std::move(stream.tasks.front());
    stream.tasks.pop_front();
    Context& context = *stream.context;
    if (context.sticky != 0 && !task.always) return;
    stream.running = true;
    int status = 0;
    try {
        status = task.work();
    } catch (const std::exception& e) {   // no memory on the host for a product's sums
        add_problem(task.what + ": " + e.what());
        status = cu::Unknown;
    }
    stream.running = false;
    if (status != 0) fail_context(context, status, task.what);
}

}

void drain(Stream& stream, const Recording* until) {
    if (stream.running) return;           // a callback that asks about the stream it runs on
    while (!stream.tasks.empty() && !(until != nullptr && until->done)) run_first(stream);
}

void make_progress(Stream& stream) {
    if (!stream.running && !stream.tasks.empty()) run_first(stream);
}

void drain_context(const Context& context) {
    // Draining may destroy nothing, but work of one stream may wait for another: the list is copied first.
    std::vector<std::shared_ptr<Stream>> all;
    for (const auto& [handle, stream] : streams().live())
        if (stream->context.get() == &context) all.push_back(stream);
    for (const auto& stream : all) drain(*stream);
    if (context.legacy != nullptr) drain(*context.legacy);
}

}
