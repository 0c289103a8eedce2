// What the driver's handles stand for, and how work is enqueued; shared by all parts of the simulation.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../core/call.h"
#include "../core/registry.h"
#include "../core/report.h"
#include "status.h"

namespace codat_sim {

struct Context;
struct Stream;
struct Capture;

/// A piece of work; returns 0 or the status that the context then has for good.
using Work = std::function<int()>;

struct Context {
    int device;
    bool primary;
    Handle handle = 0;
    int sticky = 0;                       // the lasting error of a crashed kernel
    unsigned flags = 0;
    unsigned long long id;
    std::shared_ptr<Stream> legacy;
};

/// One recording of an event: done once the stream has come that far.
struct Recording {
    bool done = false;
    long long nanoseconds = 0;
    std::weak_ptr<Stream> stream;
};

struct Event {
    std::shared_ptr<Context> context;
    unsigned flags;
    std::shared_ptr<Recording> recording;             // null until first recorded
    std::shared_ptr<Capture> capture;                 // set while the last record was inside a capture
    Stream* captured_stream = nullptr;
    size_t capture_position = 0;
};

struct Task {
    std::string what;
    Work work;
    bool always;                          // also in a context with a lasting error
};

struct Stream {
    std::shared_ptr<Context> context;
    Handle handle = 0;
    unsigned flags;
    int priority = 0;
    unsigned long long id;
    std::deque<Task> tasks;
    bool running = false;
    std::shared_ptr<Capture> capture;
    bool is_legacy() const { return handle == 0; }
    bool is_blocking() const { return (flags & 1) == 0; }
};

enum class NodeKind : int { Kernel, Copy, Set, Host, Event, Graph };

struct Node {
    NodeKind kind;
    std::string what;
    Work work;
    std::shared_ptr<Event> event;         // an external record, renewed by every launch
    Handle handle = 0;
};

struct Graph {
    std::vector<Node> nodes;
};

struct GraphExec {
    std::shared_ptr<Context> context;
    std::vector<Node> nodes;
};

/// A stream that takes part in a capture.
struct CapturedStream {
    std::weak_ptr<Stream> stream;
    size_t work = 0;                      // its nodes so far
    size_t joined = 0;                    // how many of them another stream has waited for
};

/// A capture in progress.
struct Capture {
    std::shared_ptr<Graph> graph = std::make_shared<Graph>();
    std::vector<CapturedStream> streams;              // the origin first
    int mode;
    std::thread::id thread;
    bool invalidated = false, ended = false;
    CapturedStream* find(const Stream& stream);
};

Registry<Context>& contexts();
Registry<Stream>& streams();
Registry<Event>& events();
Registry<Graph>& graphs();
Registry<GraphExec>& graph_execs();

bool initialised();
/// The current context of this thread. A status if there is none, or if it has a lasting error.
int current_context(std::shared_ptr<Context>* context);
/// A stream of the current context; 0, 1 and 2 stand for the legacy streams.
int find_stream(Handle handle, std::shared_ptr<Stream>* stream);
/// The status for a handle that is not live, with a problem noted if it once was.
int bad_handle(const RegistryBase& registry, bool was_live);

/// Adds work to a stream: captured, run at once, or kept until somebody waits.
int enqueue(const std::shared_ptr<Stream>& stream, NodeKind kind, const std::string& what, Work work);
/// The same outside of captures, for work that is no node; `always` runs it even after a lasting error.
void push(Stream& stream, const std::string& what, Work work, bool always);
/// Runs one piece of work, so that polling comes to an end.
void make_progress(Stream& stream);
/// Runs what a stream holds, up to a recording or to its end.
void drain(Stream& stream, const Recording* until = nullptr);
void drain_context(const Context& context);
void fail_context(Context& context, int status, const std::string& what);

/// For calls that may not be made while anyone captures; invalidates the captures that such a call disturbs.
int refuse_while_capturing(bool frees_memory = false);
void add_capture(const std::shared_ptr<Capture>& capture);
void end_capture(Capture& capture);

/// For functions that release: a status that stops them, apart from a lasting error, which goes to `sticky`.
int releasing_context(std::shared_ptr<Context>* context, int* sticky);
void heal_contexts();

}

/// Starts a driver function that needs a current context, named `context` afterwards.
#define SIM_CONTEXT(context) \
    std::shared_ptr<codat_sim::Context> context; \
    if (int sim_status = codat_sim::current_context(&context)) return sim_status

/// The same for a function that releases; end it with `return SIM_RELEASED(sticky)`.
#define SIM_RELEASING_CONTEXT(context) \
    std::shared_ptr<codat_sim::Context> context; \
    int sticky = 0; \
    if (int sim_status = codat_sim::releasing_context(&context, &sticky)) return sim_status
