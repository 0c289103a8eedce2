// Self test of the shim and the engine; prints one line per failure and returns their number.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>

#include "../kernels/kernel_test.h"

using codat_sim::Index3;
using codat_sim::KernelFile;
using codat_sim::ThreadOrder;

namespace {

struct SumArgs { const float* x; float* out; int n; };
struct ThreadArgs { int* out; int n; };
int s_failures, s_checks;

void check(bool condition, const char* what) {
    s_checks++;
    if (condition) return;
    printf("failed: %s\n", what);
    s_failures++;
}

void check_fails(const std::function<void()>& action, const char* expected) {
    std::string found = "nothing";
    try {
        action();
    } catch (const std::exception& e) {
        found = e.what();
    }
    check(found.find(expected) != std::string::npos, (std::string(expected) + " expected, found: " + found).c_str());
}

void sums(KernelFile& kernels) {
    std::vector<float> x(1000);
    float expected = 0, out[3] = {};
    for (int i = 0; i < 1000; i++) expected += x[i] = static_cast<float>(i % 7);
    kernels.launch("block_sum", {3, 1, 1}, {256, 1, 1}, 0, SumArgs{x.data(), out, 1000});
    check(out[0] == expected && out[2] == expected, "a block sums through shuffles and shared memory");
    check_fails([&] { kernels.launch("block_sum", {1, 1, 1}, {512, 1, 1}, 0, SumArgs{x.data(), out, 1000}); },
                "cannot run with 512 threads");
}

void orders(KernelFile& kernels) {
    int out[256];
    for (ThreadOrder order : {ThreadOrder::Forward, ThreadOrder::Reverse, ThreadOrder::Shuffled}) {
        kernels.set_order(order);
        kernels.launch("reverse", {1, 1, 1}, {256, 1, 1}, 1024, ThreadArgs{out, 256});
        bool right = true;
        for (int i = 0; i < 256; i++) right = right && out[i] == 255 - i;
        check(right, "dynamic shared memory is reversed in every order of turns");

        kernels.launch("votes", {1, 1, 1}, {32, 1, 1}, 0, ThreadArgs{out, 32});
        for (int i = 0; i < 32; i++)
            check(out[i] == (static_cast<int>(0xAAAAAAAAu) ^ (i ^ 1) ^ (i < 3 ? i : i - 3) ^ 1 ^ 5),
                  "votes and shuffles");

        kernels.launch("missing_barrier", {1, 1, 1}, {256, 1, 1}, 0, ThreadArgs{out, 256});
        bool lucky = true;
        for (int i = 1; i < 256; i++) lucky = lucky && out[i] == (i + 255) % 256;
        check(lucky == (order == ThreadOrder::Forward), "other orders of turns show a missing barrier");
    }
    kernels.set_order(ThreadOrder::Forward);
}

void failures(KernelFile& kernels) {
    int out[256] = {};
    auto launch = [&](const char* entry, int threads, int n) {
        return [&kernels, &out, entry, threads, n] {
            kernels.launch(entry, {1, 1, 1}, {unsigned(threads), 1, 1}, 64, ThreadArgs{out, n});
        };
    };
    check_fails(launch("divergent", 64, 32), "32 have ended");
    check_fails(launch("two_barriers", 64, 32), "wait at different barriers");
    check_fails(launch("wild_write", 1, 1), "700: illegal address");
    check_fails(launch("overruns_shared", 1, 17), "behind the dynamic shared memory");
    check_fails(launch("nowhere", 1, 1), "no kernel nowhere");
    check_fails([&] { kernels.launch("reverse", {1, 1, 1}, {1, 1, 1}, 0, 1); }, "parameters of other sizes");
}

}

int main(int, char** arguments) {
    std::string folder = std::string(arguments[1]) + "/selftest";
    KernelFile kernels(folder + "/kernels.cu");
    sums(kernels);
    orders(kernels);
    failures(kernels);

    KernelFile with_template(folder + "/kernels.cu", {"WITH_TEMPLATE"});
    int out[32];
    with_template.launch("uses_template", {1, 1, 1}, {32, 1, 1}, 0, ThreadArgs{out, 32});
    check(out[0] == 31 && out[31] == 0, "shared memory of a template");

    float x[2] = {1.0f + 0x1p-12f, -1.0f}, y[2];
    kernels.launch("contract", {1, 1, 1}, {1, 1, 1}, 0, SumArgs{x, y, 2});
    check(y[0] == 0x1p-11f && y[1] == std::fma(x[0], x[0], -1.0f) && y[0] != y[1],
          "a rounded product is not contracted");
    check_fails([&] { KernelFile broken(folder + "/kernel_selftest.cpp"); }, "error: ");

    kernels.set_time_limit_ms(200);
    ThreadArgs forever{out, 1};
    out[0] = 0;
    check_fails([&] { kernels.launch("never_ends", {1, 1, 1}, {4, 1, 1}, 0, forever); }, "702: the time limit");

    printf("%d checks of kernels, %d failures\n", s_checks, s_failures);
    return s_failures;
}
