// Descriptors of one convolution, for the self test of cuDNN's graph interface.
#pragma once
#include <cstring>

#include "device_array.h"

extern "C" {
int cudnnCreate(Handle*);
int cudnnDestroy(Handle);
int cudnnSetStream(Handle, Handle);
void cudnnGetLastErrorString(char*, size_t);
int cudnnBackendCreateDescriptor(int, Handle*);
int cudnnBackendDestroyDescriptor(Handle);
int cudnnBackendSetAttribute(Handle, int, int, int64_t, const void*);
int cudnnBackendGetAttribute(Handle, int, int, int64_t, int64_t*, void*);
int cudnnBackendFinalize(Handle);
int cudnnBackendExecute(Handle, Handle, Handle);
}

enum {
    DataType = 1, Boolean = 2, Int64 = 3, Float = 4, Pointer = 6, Mode = 7, HeurMode = 8, Pointwise = 14, Desc = 15,
    Char = 24
};

struct Descriptors {
    std::vector<Handle> made;

    Handle make(int type) {
        Handle handle = 0;
        OK(cudnnBackendCreateDescriptor(type, &handle));
        made.push_back(handle);
        return handle;
    }
    ~Descriptors() {
        for (size_t i = made.size(); i-- > 0;) OK(cudnnBackendDestroyDescriptor(made[i]));
    }
};

template <class T> inline int set(Handle d, int name, int type, const std::vector<T>& values) {
    return cudnnBackendSetAttribute(d, name, type, int64_t(values.size()), values.data());
}

/// 2 images of 3 channels and 5x4, 4 filters of 3x3 with stride 2 and padding 1.
struct Problem {
    int64_t n = 2, c, h = 5, w = 4, k = 4, r = 3, s = 3, stride = 2, pad = 1;
    int64_t oh = (h + 2 * pad - r) / stride + 1, ow = (w + 2 * pad - s) / stride + 1;
    std::vector<float> x, f, y;

    explicit Problem(int64_t channels)
        : c(channels), x(numbers(size_t(n * c * h * w), 1)), f(numbers(size_t(k * c * r * s), 2)),
          y(numbers(size_t(n * k * oh * ow), 3)) {}

    template <class Visit> void each(Visit visit) const {
        for (int64_t i = 0; i < n; i++) for (int64_t a = 0; a < oh; a++) for (int64_t b = 0; b < ow; b++)
            for (int64_t o = 0; o < k; o++) for (int64_t p = 0; p < r; p++) for (int64_t q = 0; q < s; q++)
                for (int64_t z = 0; z < c; z++) {
                    int64_t ih = a * stride - pad + p, iw = b * stride - pad + q;
                    if (ih < 0 || iw < 0 || ih >= h || iw >= w) continue;
                    visit(size_t(((i * h + ih) * w + iw) * c + z), size_t(((o * r + p) * s + q) * c + z),
                          size_t(((i * oh + a) * ow + b) * k + o));
                }
    }
    std::vector<float> forward() const {
        std::vector<float> out(y.size());
        each([&](size_t a, size_t b, size_t o) { out[o] += x[a] * f[b]; });
        return out;
    }
    std::vector<float> backward_data() const {
        std::vector<float> out(x.size());
        each([&](size_t a, size_t b, size_t o) { out[a] += y[o] * f[b]; });
        return out;
    }
    std::vector<float> backward_filter() const {
        std::vector<float> out(f.size());
        each([&](size_t a, size_t b, size_t o) { out[b] += y[o] * x[a]; });
        return out;
    }
};

struct Fixture {
    const Session& session;
    Handle dnn;
    Descriptors d;
    Problem p;
    DeviceArray<float> x, f, y;

    explicit Fixture(const Session& session, int64_t channels = 3)
        : session(session), p(channels), x(session, p.x), f(session, p.f), y(session, p.y) {
        OK(cudnnCreate(&dnn));
        OK(cudnnSetStream(dnn, session.stream));
    }
    ~Fixture() { OK(cudnnDestroy(dnn)); }

    Handle tensor(int64_t id, std::vector<int64_t> dims, bool is_virtual = false) {
        Handle t = d.make(17);
        OK(set<int>(t, 901, DataType, {0}));
        OK(set(t, 902, Int64, dims));
        OK(set<int64_t>(t, 903, Int64, {dims[1] * dims[2] * dims[3], 1, dims[1] * dims[3], dims[1]}));
        OK(set<int64_t>(t, 906, Int64, {id}));
        OK(set<int64_t>(t, 900, Int64, {16}));
        OK(set<char>(t, 907, Boolean, {char(is_virtual)}));
        OK(cudnnBackendFinalize(t));
        return t;
    }
    Handle convolution() {
        Handle c = d.make(1);
        OK(set<int>(c, 100, DataType, {0}));
        OK(set<int>(c, 101, Mode, {1}));
        OK(set<int64_t>(c, 102, Int64, {1, 1}));
        OK(set<int64_t>(c, 103, Int64, {p.stride, p.stride}));
        OK(set<int64_t>(c, 104, Int64, {p.pad, p.pad}));
        OK(set<int64_t>(c, 105, Int64, {p.pad, p.pad}));
        OK(set<int64_t>(c, 106, Int64, {2}));
        OK(cudnnBackendFinalize(c));
        return c;
    }
    /// An operation with its tensors given as filter, input, output.
    Handle operation(int type, Handle w, Handle in, Handle out) {
        Handle o = d.make(type);
        int first = type == 10 ? 700 : type == 12 ? 706 : 712;
        OK(set<float>(o, first, Float, {1}));
        OK(set<float>(o, first + 1, Float, {0}));
        OK(set<Handle>(o, first + 2, Desc, {convolution()}));
        OK(set<Handle>(o, first + 3, Desc, {w}));
        OK(set<Handle>(o, first + 4, Desc, {in}));
        OK(set<Handle>(o, first + 5, Desc, {out}));
        OK(cudnnBackendFinalize(o));
        return o;
    }
    Handle pointwise(int mode, std::vector<std::pair<int, Handle>> tensors) {
        Handle kind = d.make(0), o = d.make(13);
        OK(set<int>(kind, 0, Pointwise, {mode}));
        OK(set<int>(kind, 1, DataType, {0}));
        OK(cudnnBackendFinalize(kind));
        OK(set<Handle>(o, 750, Desc, {kind}));
        for (auto [name, handle] : tensors) OK(set<Handle>(o, name, Desc, {handle}));
        OK(cudnnBackendFinalize(o));
        return o;
    }
    Handle graph(std::vector<Handle> operations) {
        Handle g = d.make(15);
        OK(set<Handle>(g, 800, 0, {dnn}));
        OK(set(g, 801, Desc, operations));
        OK(cudnnBackendFinalize(g));
        return g;
    }
    std::vector<Handle> configs(Handle graph, int mode) {
        Handle heuristic = d.make(4);
        OK(set<Handle>(heuristic, 201, Desc, {graph}));
        OK(set<int>(heuristic, 200, HeurMode, {mode}));
        OK(cudnnBackendFinalize(heuristic));
        int64_t count = 0;
        OK(cudnnBackendGetAttribute(heuristic, 202, Desc, 0, &count, nullptr));
        std::vector<Handle> found;
        for (int64_t i = 0; i < count; i++) found.push_back(d.make(3));
        OK(cudnnBackendGetAttribute(heuristic, 202, Desc, count, &count, found.data()));
        return found;
    }
    int64_t index(Handle config) {
        Handle engine = d.make(2);
        int64_t count, value = -1;
        OK(cudnnBackendGetAttribute(config, 300, Desc, 1, &count, &engine));
        OK(cudnnBackendGetAttribute(engine, 1301, Int64, 1, &count, &value));
        return value;
    }
    Handle plan(Handle config, int expected = 0) {
        Handle plan = d.make(5);
        OK(set<Handle>(plan, 400, 0, {dnn}));
        OK(set<Handle>(plan, 401, Desc, {config}));
        EXPECT(cudnnBackendFinalize(plan), expected);
        return plan;
    }
    int64_t workspace(Handle plan) {
        int64_t count, bytes = -1;
        OK(cudnnBackendGetAttribute(plan, 402, Int64, 1, &count, &bytes));
        return bytes;
    }
    int execute(Handle plan, std::vector<int64_t> ids, std::vector<uintptr_t> addresses, uintptr_t workspace = 0) {
        Handle pack = d.make(16);
        OK(set(pack, 1000, Int64, ids));
        OK(set(pack, 1001, Pointer, addresses));
        OK(set<uintptr_t>(pack, 1003, Pointer, {workspace}));
        OK(cudnnBackendFinalize(pack));
        return cudnnBackendExecute(dnn, plan, pack);
    }
    Handle x_tensor(int64_t id) { return tensor(id, {p.n, p.c, p.h, p.w}); }
    Handle f_tensor(int64_t id) { return tensor(id, {p.k, p.c, p.r, p.s}); }
    Handle y_tensor(int64_t id, bool is_virtual = false) { return tensor(id, {p.n, p.k, p.oh, p.ow}, is_virtual); }
};
