#include <cstdio>

#include "objects.h"

namespace codat_sim {

Registry<Graph>& graphs() {
    static auto* registry = new Registry<Graph>("graphs");
    return *registry;
}

Registry<GraphExec>& graph_execs() {
    static auto* registry = new Registry<GraphExec>("graph_execs");
    return *registry;
}

}

using namespace codat_sim;

namespace {

constexpr const char* KindNames[] = {"kernel", "copy", "set", "host", "event", "graph"};
Handle s_nodes = Handle{0xC7} << 40;

int find_graph(Handle handle, std::shared_ptr<Graph>* graph) {
    if (!initialised()) return cu::NotInitialized;
    *graph = graphs().find(handle);
    return *graph != nullptr ? cu::Success : bad_handle(graphs(), graphs().was_live(handle));
}

int find_exec(Handle handle, std::shared_ptr<GraphExec>* exec) {
    if (!initialised()) return cu::NotInitialized;
    *exec = graph_execs().find(handle);
    return *exec != nullptr ? cu::Success : bad_handle(graph_execs(), graph_execs().was_live(handle));
}

struct UpdateResult {
    int result;
    Handle error_node, error_from_node;
};

}

SIM_EXPORT int cuGraphCreate(Handle* graph, unsigned flags) {
    SIM_CALL(cuGraphCreate);
    if (!initialised()) return cu::NotInitialized;
    if (graph == nullptr || flags != 0) return cu::InvalidValue;
    *graph = graphs().add(std::make_shared<Graph>());
    return cu::Success;
}

SIM_EXPORT int cuGraphDestroy(Handle handle) {
    SIM_RELEASE(cuGraphDestroy);
    if (graphs().take(handle) == nullptr) return bad_handle(graphs(), graphs().was_live(handle));
    return SIM_RELEASED(cu::Success);
}

SIM_EXPORT int cuGraphGetNodes(Handle handle, Handle* nodes, size_t* count) {
    SIM_CALL(cuGraphGetNodes);
    std::shared_ptr<Graph> graph;
    if (int status = find_graph(handle, &graph)) return status;
    if (count == nullptr) return cu::InvalidValue;
    if (nodes == nullptr) {
        *count = graph->nodes.size();
        return cu::Success;
    }
    for (size_t i = 0; i < *count; i++) {
        if (i < graph->nodes.size() && graph->nodes[i].handle == 0) graph->nodes[i].handle = s_nodes += 16;
        nodes[i] = i < graph->nodes.size() ? graph->nodes[i].handle : 0;
    }
    *count = std::min(*count, graph->nodes.size());
    return cu::Success;
}

SIM_EXPORT int cuGraphNodeGetType(Handle node, int* type) {
    SIM_CALL(cuGraphNodeGetType);
    if (type == nullptr) return cu::InvalidValue;
    constexpr int Types[] = {0, 1, 2, 3, 7, 4};       // kernel, memcpy, memset, host, event record, child graph
    for (const auto& [handle, graph] : graphs().live())
        for (const Node& candidate : graph->nodes)
            if (candidate.handle == node && node != 0) {
                *type = Types[static_cast<int>(candidate.kind)];
                return cu::Success;
            }
    return cu::InvalidValue;
}

SIM_EXPORT int cuGraphInstantiateWithFlags(Handle* exec, Handle handle, unsigned long long flags) {
    SIM_CALL(cuGraphInstantiateWithFlags);
    SIM_CONTEXT(context);
    std::shared_ptr<Graph> graph;
    if (int status = find_graph(handle, &graph)) return status;
    if (exec == nullptr || flags > 15) return cu::InvalidValue;
    auto made = std::make_shared<GraphExec>();
    made->context = context;
    made->nodes = graph->nodes;
    *exec = graph_execs().add(made);
    return cu::Success;
}

SIM_EXPORT int cuGraphExecDestroy(Handle handle) {
    SIM_RELEASE(cuGraphExecDestroy);
    if (graph_execs().take(handle) == nullptr) return bad_handle(graph_execs(), graph_execs().was_live(handle));
    return SIM_RELEASED(cu::Success);
}

SIM_EXPORT int cuGraphUpload(Handle handle, Handle stream_handle) {
    SIM_CALL(cuGraphUpload);
    std::shared_ptr<GraphExec> exec;
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(stream_handle, &stream)) return status;
    if (int status = find_exec(handle, &exec)) return status;
    return stream->capture != nullptr ? cu::CaptureUnsupported : cu::Success;
}

SIM_EXPORT int cuGraphLaunch(Handle handle, Handle stream_handle) {
    SIM_CALL(cuGraphLaunch);
    std::shared_ptr<GraphExec> exec;
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(stream_handle, &stream)) return status;
    if (int status = find_exec(handle, &exec)) return status;
    if (exec->context != stream->context) return cu::InvalidContext;
    for (const Node& node : exec->nodes)
        if (node.event != nullptr) {
            node.event->recording = std::make_shared<Recording>();
            node.event->recording->stream = stream;
            node.event->capture = nullptr;
        }
    // The nodes are copied: the graph may be destroyed or updated while it waits to run.
    auto nodes = std::make_shared<std::vector<Node>>(exec->nodes);
    return enqueue(stream, NodeKind::Graph, "graph", [nodes] {
        for (const Node& node : *nodes)
            if (int status = node.work()) {
                add_problem("graph node '" + node.what + "' failed");
                return status;
            }
        return 0;
    });
}

SIM_EXPORT int cuGraphExecUpdate_v2(Handle exec_handle, Handle graph_handle, UpdateResult* result) {
    SIM_CALL(cuGraphExecUpdate_v2);
    std::shared_ptr<GraphExec> exec;
    std::shared_ptr<Graph> graph;
    if (int status = find_exec(exec_handle, &exec)) return status;
    if (int status = find_graph(graph_handle, &graph)) return status;
    if (result == nullptr) return cu::InvalidValue;
    *result = {0, 0, 0};
    if (exec->nodes.size() != graph->nodes.size()) result->result = 2;
    for (size_t i = 0; result->result == 0 && i < graph->nodes.size(); i++)
        if (exec->nodes[i].kind != graph->nodes[i].kind) result->result = 3;
    if (result->result != 0) return cu::GraphUpdateFailure;
    exec->nodes = graph->nodes;
    return cu::Success;
}

SIM_EXPORT int cuGraphDebugDotPrint(Handle handle, const char* path, unsigned) {
    SIM_CALL(cuGraphDebugDotPrint);
    std::shared_ptr<Graph> graph;
    if (int status = find_graph(handle, &graph)) return status;
    FILE* file = path != nullptr ? fopen(path, "w") : nullptr;
    if (file == nullptr) return cu::InvalidValue;
    fprintf(file, "digraph captured {\n");
    for (size_t i = 0; i < graph->nodes.size(); i++) {
        const Node& node = graph->nodes[i];
        fprintf(file, "  n%zu [label=\"%s: %s\"];\n", i, KindNames[static_cast<int>(node.kind)], node.what.c_str());
        if (i > 0) fprintf(file, "  n%zu -> n%zu;\n", i - 1, i);
    }
    fprintf(file, "}\n");
    fclose(file);
    return cu::Success;
}
