#include <algorithm>

#include "objects.h"

namespace codat_sim {

namespace {

enum Mode { Global = 0, ThreadLocal = 1, Relaxed = 2 };

std::vector<std::weak_ptr<Capture>>& active() {
    static auto* captures = new std::vector<std::weak_ptr<Capture>>();
    return *captures;
}

thread_local int t_mode = Global;

}

CapturedStream* Capture::find(const Stream& stream) {
    for (CapturedStream& captured : streams)
        if (captured.stream.lock().get() == &stream) return &captured;
    return nullptr;
}

void add_capture(const std::shared_ptr<Capture>& capture) {
    auto& captures = active();
    auto gone = [](const std::weak_ptr<Capture>& c) { auto live = c.lock(); return live == nullptr || live->ended; };
    captures.erase(std::remove_if(captures.begin(), captures.end(), gone), captures.end());
    captures.push_back(capture);
}

void end_capture(Capture& capture) {
    capture.ended = true;
    for (CapturedStream& captured : capture.streams)
        if (auto stream = captured.stream.lock()) {
            auto keep = std::move(stream->capture);
            stream->capture = nullptr;
        }
}

// A release of memory from elsewhere goes unnoticed by its caller but spoils a capture, whatever its mode.
int refuse_while_capturing(bool frees_memory) {
    bool refused = false;
    for (const auto& weak : active()) {
        auto capture = weak.lock();
        if (capture == nullptr || capture->ended) continue;
        bool mine = capture->thread == std::this_thread::get_id();
        bool prohibited = t_mode != Relaxed
            && (mine ? capture->mode != Relaxed : t_mode == Global && capture->mode == Global);
        if (prohibited || (frees_memory && !mine)) capture->invalidated = true;
        refused = refused || prohibited;
    }
    return refused ? cu::CaptureUnsupported : cu::Success;
}

}

using namespace codat_sim;

SIM_EXPORT int cuStreamBeginCapture_v2(Handle handle, int mode) {
    SIM_CALL(cuStreamBeginCapture_v2);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (mode < Global || mode > Relaxed) return cu::InvalidValue;
    if (stream->is_legacy()) return cu::CaptureUnsupported;
    if (stream->capture != nullptr) return cu::IllegalState;
    auto capture = std::make_shared<Capture>();
    capture->mode = mode;
    capture->thread = std::this_thread::get_id();
    capture->streams.push_back({stream, 0, 0});
    stream->capture = capture;
    add_capture(capture);
    return cu::Success;
}

SIM_EXPORT int cuStreamEndCapture(Handle handle, Handle* graph) {
    SIM_RELEASE(cuStreamEndCapture);
    SIM_RELEASING_CONTEXT(context);
    auto stream = streams().find(handle);
    if (stream == nullptr) return bad_handle(streams(), streams().was_live(handle));
    if (graph == nullptr) return cu::InvalidValue;
    *graph = 0;
    auto capture = stream->capture;
    if (capture == nullptr) return cu::IllegalState;
    if (capture->mode != Relaxed && capture->thread != std::this_thread::get_id()) return cu::CaptureWrongThread;
    if (capture->streams[0].stream.lock() != stream) {
        capture->invalidated = true;
        return cu::CaptureUnmatched;
    }
    bool unjoined = false;
    for (size_t i = 1; i < capture->streams.size(); i++)
        unjoined = unjoined || capture->streams[i].work > capture->streams[i].joined;
    end_capture(*capture);
    if (capture->invalidated) return cu::CaptureInvalidated;
    if (unjoined) return cu::CaptureUnjoined;
    if (int status = SIM_RELEASED(sticky)) return status;
    *graph = graphs().add(capture->graph);
    return cu::Success;
}

SIM_EXPORT int cuStreamIsCapturing(Handle handle, int* status) {
    SIM_CALL(cuStreamIsCapturing);
    std::shared_ptr<Stream> stream;
    if (int failed = find_stream(handle, &stream)) return failed;
    if (status == nullptr) return cu::InvalidValue;
    *status = stream->capture == nullptr ? 0 : stream->capture->invalidated ? 2 : 1;
    return cu::Success;
}

SIM_EXPORT int cuThreadExchangeStreamCaptureMode(int* mode) {
    SIM_CALL(cuThreadExchangeStreamCaptureMode);
    if (mode == nullptr || *mode < Global || *mode > Relaxed) return cu::InvalidValue;
    std::swap(*mode, t_mode);
    return cu::Success;
}
