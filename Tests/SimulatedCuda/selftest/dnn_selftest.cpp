// Self test of cuDNN's graph interface: life cycle of descriptors, engines, and convolutions against plain loops.
#include "dnn_fixture.h"

namespace {

void three_directions(const Session& session) {
    Fixture t(session);
    DeviceArray<char> workspace(session, 1 << 16);
    struct Case { int type; DeviceArray<float>& out; std::vector<float> expected; };
    DeviceArray<float> y(session, t.p.y.size()), dx(session, t.p.x.size()), dw(session, t.p.f.size());
    Case cases[] = {{10, y, t.p.forward()}, {12, dx, t.p.backward_data()}, {11, dw, t.p.backward_filter()}};
    for (Case& c : cases) {
        Handle graph = t.graph({t.operation(c.type, t.f_tensor(2), t.x_tensor(1), t.y_tensor(3))});
        std::string seen;
        for (Handle config : t.configs(graph, 3)) {
            int64_t engine = t.index(config);
            seen += std::to_string(engine);
            Handle plan = t.plan(config, engine == 6 ? 3000 : 0);
            if (engine == 6 || t.workspace(plan) > 1 << 16) continue;
            OK(t.execute(plan, {1, 2, 3},
                         {c.type == 12 ? dx.address : t.x.address, c.type == 11 ? dw.address : t.f.address,
                          c.type == 10 ? y.address : t.y.address}, workspace.address));
            check(c.out.read() == c.expected, "convolution of type " + std::to_string(c.type) + ", engine "
                + std::to_string(engine));
        }
        check(seen == (c.type == 10 ? "630" : "620"), "engines that are suggested: " + seen);
    }
    check_clean();
}

void fused(const Session& session) {
    Fixture t(session);
    auto bias = numbers(size_t(t.p.k), 7);
    DeviceArray<float> db(session, bias), out(session, t.p.y.size()), dx(session, t.p.x.size());
    Handle sum = t.y_tensor(10, true), more = t.y_tensor(11, true), last = t.y_tensor(12, true);
    Handle graph = t.graph({t.operation(10, t.f_tensor(2), t.x_tensor(1), sum),
                            t.pointwise(0, {{751, sum}, {752, t.tensor(4, {1, t.p.k, 1, 1})}, {753, more}}),
                            t.pointwise(0, {{751, more}, {752, t.y_tensor(5)}, {753, last}}),
                            t.pointwise(100, {{751, last}, {753, t.y_tensor(3)}})});
    auto configs = t.configs(graph, 3);
    check(configs.size() == 2 && t.index(configs[1]) == 4, "fused operations have engines of their own");
    Handle plan = t.plan(configs[1]);
    OK(t.execute(plan, {1, 2, 3, 4, 5}, {t.x.address, t.f.address, out.address, db.address, t.y.address}));
    auto expected = t.p.forward();
    for (size_t i = 0; i < expected.size(); i++) {
        expected[i] += bias[i % bias.size()] + t.p.y[i];
        if (expected[i] < 0) expected[i] = 0;
    }
    check(out.read() == expected, "convolution, bias, residual and ReLU");

    // The plan's text makes the same plan again; text of something else does not.
    int64_t length = 0;
    OK(cudnnBackendGetAttribute(plan, 405, Char, 0, &length, nullptr));
    std::string text(size_t(length), 0);
    OK(cudnnBackendGetAttribute(plan, 405, Char, length, &length, text.data()));
    Handle again = t.d.make(5), broken = t.d.make(5);
    for (Handle handle : {again, broken}) {
        OK(set<Handle>(handle, 400, 0, {t.dnn}));
        OK(cudnnBackendSetAttribute(handle, 405, Char, length - 1, text.data()));
        text[30] = 'x';
    }
    OK(cudnnBackendFinalize(again));
    EXPECT(cudnnBackendFinalize(broken), 2000);
    OK(cuMemsetD8Async(out.address, 0, expected.size() * 4, session.stream));
    OK(t.execute(again, {5, 4, 3, 2, 1}, {t.y.address, db.address, out.address, t.f.address, t.x.address}));
    check(out.read() == expected, "a plan made from its text");

    Handle gradient = t.tensor(10, {t.p.n, t.p.c, t.p.h, t.p.w}, true);
    Handle masked = t.graph({t.operation(12, t.f_tensor(2), gradient, t.y_tensor(3)),
                             t.pointwise(200, {{751, t.x_tensor(1)}, {757, gradient}, {756, t.x_tensor(6)}})});
    OK(t.execute(t.plan(t.configs(masked, 2)[0]), {1, 2, 3, 6}, {t.x.address, t.f.address, t.y.address, dx.address}));
    expected = t.p.backward_data();
    for (size_t i = 0; i < expected.size(); i++)
        if (t.p.x[i] <= 0) expected[i] = 0;
    check(dx.read() == expected, "data gradient with the mask of ReLU");
    check_clean();
}

/// Engines differ in what their notes say: tensor cores round, and what does not repeat does not.
void engines_keep_their_notes(const Session& session) {
    Fixture t(session, 4);
    DeviceArray<char> workspace(session, 1 << 16);
    DeviceArray<float> y(session, t.p.y.size()), dw(session, t.p.f.size());
    std::vector<float> x = t.p.x, gradient = t.p.y;
    for (float& value : x) value += 0x1p-12f;
    for (float& value : gradient) value *= 1.1f;
    DeviceArray<float> dx(session, x), dy(session, gradient);
    auto run = [&](int type, int64_t wanted, const DeviceArray<float>& out) {
        Handle graph = t.graph({t.operation(type, t.f_tensor(2), t.x_tensor(1), t.y_tensor(3))});
        for (Handle config : t.configs(graph, 3)) {
            if (t.index(config) != wanted) continue;
            OK(t.execute(t.plan(config), {1, 2, 3}, {dx.address, type == 11 ? dw.address : t.f.address,
                                                     type == 10 ? y.address : dy.address}, workspace.address));
            return out.read();
        }
        check(false, "no engine " + std::to_string(wanted));
        return std::vector<float>();
    };
    check(run(10, 1, y) != run(10, 0, y), "tensor cores round their inputs");
    check(run(11, 0, dw) == run(11, 0, dw), "the plain engine repeats itself");
    check(run(11, 2, dw) != run(11, 2, dw), "an engine noted as such does not repeat itself");
    check_clean();
}

std::string last_error() {
    char text[512] = {};
    cudnnGetLastErrorString(text, sizeof text);
    return text;
}

void strictness(const Session& session) {
    Fixture t(session);
    Handle tensor = t.d.make(17), operation = t.d.make(10);
    EXPECT(cudnnBackendFinalize(tensor), 2000);
    check(last_error().find("attribute 900 of a descriptor of type 17 is not set") != std::string::npos, "the reason");
    check(last_error().empty(), "reading the reason clears it");
    EXPECT(set<int64_t>(tensor, 901, Int64, {0}), 2010);
    EXPECT(set<int64_t>(tensor, 906, Int64, {1, 2}), 2000);
    EXPECT(set<int64_t>(tensor, 700, Int64, {1}), 2000);
    EXPECT(cudnnBackendSetAttribute(tensor, 906, Int64, 1, nullptr), 2002);
    EXPECT(set<Handle>(operation, 703, Desc, {tensor}), 2004);
    int64_t count, value;
    EXPECT(cudnnBackendGetAttribute(tensor, 906, Int64, 1, &count, &value), 2004);
    Handle finished = t.x_tensor(1);
    EXPECT(set<int64_t>(finished, 906, Int64, {2}), 2000);
    EXPECT(cudnnBackendFinalize(finished), 2000);
    OK(cudnnBackendGetAttribute(finished, 906, Int64, 1, &count, &value));
    check(value == 1 && count == 1, "an attribute can be read back");
    EXPECT(set<Handle>(operation, 702, Desc, {finished}), 2000);

    // The output has one row too many.
    Handle wrong = t.d.make(10);
    OK(set<float>(wrong, 700, Float, {1}));
    OK(set<float>(wrong, 701, Float, {0}));
    OK(set<Handle>(wrong, 702, Desc, {t.convolution()}));
    OK(set<Handle>(wrong, 703, Desc, {t.f_tensor(2)}));
    OK(set<Handle>(wrong, 704, Desc, {t.x_tensor(1)}));
    OK(set<Handle>(wrong, 705, Desc, {t.tensor(3, {t.p.n, t.p.k, t.p.oh + 1, t.p.ow})}));
    EXPECT(cudnnBackendFinalize(wrong), 2008);

    Handle graph = t.graph({t.operation(10, t.f_tensor(2), t.x_tensor(1), t.y_tensor(3))});
    auto configs = t.configs(graph, 2);
    Handle plan = t.plan(configs[0]);
    uintptr_t x = t.x.address, f = t.f.address, y = t.y.address;
    EXPECT(t.execute(plan, {1, 2}, {x, f}), 2000);
    EXPECT(t.execute(plan, {1, 2, 3, 4}, {x, f, y, y}), 2000);
    EXPECT(t.execute(plan, {1, 2, 3}, {x + 4, f, y}), 2003);
    EXPECT(t.execute(plan, {1, 2, 3}, {x, 0, y}), 2002);
    check_clean();
    OK(t.execute(plan, {1, 2, 3}, {x + 16, f, y}));
    EXPECT(cuStreamSynchronize(session.stream), 700);
    check_problem("tensor 1 of a convolution");
    DeviceArray<float> fresh(session, t.p.x.size());
    OK(t.execute(plan, {1, 2, 3}, {fresh.address, f, y}));
    OK(cuStreamSynchronize(session.stream));
    check(codatSimUninitialisedReads() == 1, "a convolution of fresh memory is noted");
    codatSimReset();
}

}

int main() {
    {
        Session session;
        three_directions(session);
        fused(session);
        engines_keep_their_notes(session);
        strictness(session);
    }
    return finish("the convolution library");
}
