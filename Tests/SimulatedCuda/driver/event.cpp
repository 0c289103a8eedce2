#include <algorithm>
#include <ctime>

#include "objects.h"

namespace codat_sim {

Registry<Event>& events() {
    static auto* registry = new Registry<Event>("events");
    return *registry;
}

}

using namespace codat_sim;

namespace {

constexpr unsigned DisableTiming = 2, External = 1;

long long now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int find_event(Handle handle, std::shared_ptr<Event>* event) {
    std::shared_ptr<Context> context;
    if (int status = current_context(&context)) return status;
    *event = events().find(handle);
    return *event != nullptr ? cu::Success : bad_handle(events(), events().was_live(handle));
}

/// Waiting for an event or asking about it makes no sense while its record is part of a capture.
int refuse_captured(Event& event) {
    if (event.capture == nullptr) return refuse_while_capturing();
    event.capture->invalidated = true;
    return cu::CapturedEvent;
}

int record_captured(const std::shared_ptr<Event>& event, const std::shared_ptr<Stream>& stream, unsigned flags) {
    Capture& capture = *stream->capture;
    if (capture.invalidated) return cu::CaptureInvalidated;
    if ((flags & External) != 0) {
        Work work = [event] {
            event->recording->nanoseconds = now();
            event->recording->done = true;
            return 0;
        };
        capture.graph->nodes.push_back({NodeKind::Event, "event record", std::move(work), event, 0});
        capture.find(*stream)->work++;
        return cu::Success;
    }
    event->capture = stream->capture;
    event->captured_stream = stream.get();
    event->capture_position = capture.find(*stream)->work;
    return cu::Success;
}

int record(Handle handle, Handle stream_handle, unsigned flags) {
    std::shared_ptr<Event> event;
    std::shared_ptr<Stream> stream;
    if (int status = find_event(handle, &event)) return status;
    if (int status = find_stream(stream_handle, &stream)) return status;
    if (event->context != stream->context) return cu::InvalidHandle;
    if (stream->capture != nullptr) return record_captured(event, stream, flags);
    if (flags != 0) return cu::InvalidValue;
    if (stream->is_legacy()) add_problem("an event recorded on the legacy stream");
    auto recording = std::make_shared<Recording>();
    recording->stream = stream;
    event->recording = recording;
    event->capture = nullptr;
    push(*stream, "event record", [recording] {
        recording->nanoseconds = now();
        recording->done = true;
        return 0;
    }, true);
    return cu::Success;
}

int wait_captured(Stream& stream, Event& event) {
    if (event.capture == nullptr) {
        if (event.recording == nullptr) return cu::Success;
        stream.capture->invalidated = true;
        return cu::CaptureIsolation;
    }
    if (event.capture != stream.capture) {
        stream.capture->invalidated = event.capture->invalidated = true;
        return cu::CaptureMerge;
    }
    if (CapturedStream* recorded = event.capture->find(*event.captured_stream))
        recorded->joined = std::max(recorded->joined, event.capture_position);
    return stream.capture->invalidated ? cu::CaptureInvalidated : cu::Success;
}

/// A stream that waits for a captured event becomes part of the capture.
int join_capture(const std::shared_ptr<Stream>& stream, Event& event) {
    if (event.capture->ended) return cu::CapturedEvent;
    if (event.capture->invalidated) return cu::CaptureInvalidated;
    if (stream->is_legacy()) {
        event.capture->invalidated = true;
        return cu::CaptureImplicit;
    }
    stream->capture = event.capture;
    event.capture->streams.push_back({stream, 0, 0});
    if (CapturedStream* recorded = event.capture->find(*event.captured_stream))
        recorded->joined = std::max(recorded->joined, event.capture_position);
    return cu::Success;
}

int elapsed(float* milliseconds, Handle start_handle, Handle end_handle) {
    std::shared_ptr<Event> start, end;
    if (int status = find_event(start_handle, &start)) return status;
    if (int status = find_event(end_handle, &end)) return status;
    if (milliseconds == nullptr) return cu::InvalidValue;
    for (const auto& event : {start, end}) {
        if (event->capture != nullptr) return refuse_captured(*event);
        if (event->recording == nullptr || (event->flags & DisableTiming) != 0) return cu::InvalidHandle;
    }
    for (const auto& event : {start, end})
        if (!event->recording->done) return cu::NotReady;
    long long span = end->recording->nanoseconds - start->recording->nanoseconds;
    *milliseconds = static_cast<float>(static_cast<double>(span) * 1e-6);
    return cu::Success;
}

}

SIM_EXPORT int cuEventCreate(Handle* handle, unsigned flags) {
    SIM_CALL(cuEventCreate);
    SIM_CONTEXT(context);
    if (handle == nullptr || flags > 7) return cu::InvalidValue;
    auto event = std::make_shared<Event>();
    event->context = context;
    event->flags = flags;
    *handle = events().add(event);
    return cu::Success;
}

SIM_EXPORT int cuEventDestroy_v2(Handle handle) {
    SIM_RELEASE(cuEventDestroy_v2);
    SIM_RELEASING_CONTEXT(context);
    if (events().take(handle) == nullptr) return bad_handle(events(), events().was_live(handle));
    return SIM_RELEASED(sticky);
}

SIM_EXPORT int cuEventRecord(Handle event, Handle stream) {
    SIM_CALL(cuEventRecord);
    return record(event, stream, 0);
}

SIM_EXPORT int cuEventRecordWithFlags(Handle event, Handle stream, unsigned flags) {
    SIM_CALL(cuEventRecordWithFlags);
    if (flags > External) return cu::InvalidValue;
    return record(event, stream, flags);
}

SIM_EXPORT int cuStreamWaitEvent(Handle stream_handle, Handle handle, unsigned flags) {
    SIM_CALL(cuStreamWaitEvent);
    std::shared_ptr<Event> event;
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(stream_handle, &stream)) return status;
    if (int status = find_event(handle, &event)) return status;
    if (flags > 1) return cu::InvalidValue;
    if (stream->capture != nullptr) return wait_captured(*stream, *event);
    if (event->capture != nullptr) return join_capture(stream, *event);
    auto recording = event->recording;
    if (recording == nullptr) return cu::Success;
    push(*stream, "wait for an event", [recording] {
        auto source = recording->stream.lock();
        if (!recording->done && source != nullptr) drain(*source, recording.get());
        return 0;
    }, true);
    return cu::Success;
}

SIM_EXPORT int cuEventSynchronize(Handle handle) {
    SIM_CALL(cuEventSynchronize);
    std::shared_ptr<Event> event;
    if (int status = find_event(handle, &event)) return status;
    if (int status = refuse_captured(*event)) return status;
    if (event->recording != nullptr && !event->recording->done)
        if (auto stream = event->recording->stream.lock()) drain(*stream, event->recording.get());
    return event->context->sticky;
}

SIM_EXPORT int cuEventQuery(Handle handle) {
    SIM_CALL(cuEventQuery);
    std::shared_ptr<Event> event;
    if (int status = find_event(handle, &event)) return status;
    if (int status = refuse_captured(*event)) return status;
    if (event->recording != nullptr && !event->recording->done)
        if (auto stream = event->recording->stream.lock()) make_progress(*stream);
    if (event->context->sticky != 0) return event->context->sticky;
    return event->recording == nullptr || event->recording->done ? cu::Success : cu::NotReady;
}

SIM_EXPORT int cuEventElapsedTime(float* milliseconds, Handle start, Handle end) {
    SIM_CALL(cuEventElapsedTime);
    return elapsed(milliseconds, start, end);
}

SIM_EXPORT int cuEventElapsedTime_v2(float* milliseconds, Handle start, Handle end) {
    SIM_CALL(cuEventElapsedTime_v2);
    return elapsed(milliseconds, start, end);
}
