// Self test of the driver, the compiler and the checker.
#include <cstdlib>
#include <cstring>
#include <thread>

#include "check.h"

namespace {

Handle s_stream;

void memory() {
    uintptr_t a, b;
    OK(cuMemAlloc_v2(&a, 1000));
    OK(cuMemAlloc_v2(&b, 256));
    check(a % 256 == 0 && b % 256 == 0, "allocations are aligned");
    float x[250] = {1, 2, 3}, y[250] = {};
    OK(cuMemcpyHtoDAsync_v2(a, x, sizeof x, s_stream));
    OK(cuMemcpyDtoHAsync_v2(y, a, sizeof y, s_stream));
    check(memcmp(x, y, sizeof x) == 0, "a copy there and back");
    check_clean();

    EXPECT(cuMemcpyHtoDAsync_v2(a + 4, x, sizeof x, s_stream), 1);
    check_problem("target of a copy: 1000 bytes at address");
    OK(cuMemcpyDtoHAsync_v2(y, b, 256, s_stream));
    check(codatSimUninitialisedReads() == 1, "a read of fresh memory is noted");
    codatSimReset();

    reinterpret_cast<volatile char*>(a)[1001] = 0;
    check_problem("a write behind an allocation of 1000 bytes made by cuMemAlloc_v2 #1");
    OK(cuMemFree_v2(a));
    EXPECT(cuMemFree_v2(a), 1);
    check_problem("inside an allocation of 1000 bytes made by cuMemAlloc_v2 #1 and freed by cuMemFree_v2 #1");
    EXPECT(cuMemsetD8Async(a, 0, 4, s_stream), 1);
    check_problem("freed by cuMemFree_v2 #1");
    EXPECT(cuMemsetD32Async(b + 2, 0, 1, s_stream), 1);
    OK(cuMemFree_v2(b));
    EXPECT(cuMemAlloc_v2(&a, size_t{1} << 40), 2);
    EXPECT(cuMemAlloc_v2(&a, 0), 1);
    check_clean();
}

void events_and_streams() {
    Handle start, end, other;
    OK(cuEventCreate(&start, 0));
    OK(cuEventCreate(&end, 0));
    OK(cuStreamCreateWithPriority(&other, 1, -9));
    EXPECT(cuEventElapsedTime(nullptr, start, end), 1);
    float ms = -1;
    EXPECT(cuEventElapsedTime(&ms, start, end), 400);
    OK(cuEventRecord(start, s_stream));
    OK(cuStreamWaitEvent(other, start, 0));
    OK(cuEventRecord(end, other));
    OK(cuStreamSynchronize(other));
    OK(cuEventQuery(end));
    OK(cuEventElapsedTime(&ms, start, end));
    check(ms >= 0, "time goes on");
    OK(cuStreamDestroy_v2(other));
    EXPECT(cuStreamSynchronize(other), 400);
    check_problem("use of a handle after its release, one of streams");
    OK(cuEventDestroy_v2(start));
    OK(cuEventDestroy_v2(end));
    uintptr_t a;
    OK(cuMemAlloc_v2(&a, 16));
    OK(cuMemsetD8Async(a, 0, 16, 0));
    check_problem("work on the legacy stream");
    OK(cuMemFree_v2(a));
}

void capture() {
    uintptr_t a;
    void* pinned;
    OK(cuMemAlloc_v2(&a, 64));
    OK(cuMemHostAlloc(&pinned, 64, 0));
    auto* words = static_cast<unsigned*>(pinned);
    Handle side, fork, join, graph, exec;
    OK(cuStreamCreateWithPriority(&side, 1, 0));
    OK(cuEventCreate(&fork, 2));
    OK(cuEventCreate(&join, 2));
    OK(cuStreamBeginCapture_v2(s_stream, 1));
    OK(cuMemsetD32Async(a, 7, 8, s_stream));
    OK(cuEventRecord(fork, s_stream));
    OK(cuStreamWaitEvent(side, fork, 0));
    OK(cuMemsetD32Async(a + 32, 9, 8, side));
    OK(cuEventRecord(join, side));
    OK(cuStreamWaitEvent(s_stream, join, 0));
    OK(cuMemcpyDtoHAsync_v2(pinned, a, 64, s_stream));
    OK(cuStreamEndCapture(s_stream, &graph));
    size_t count = 0;
    OK(cuGraphGetNodes(graph, nullptr, &count));
    check(count == 3, "two fills and a copy are three nodes");
    OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    OK(cuGraphDestroy(graph));
    words[0] = words[8] = 0;
    OK(cuGraphLaunch(exec, s_stream));
    OK(cuStreamSynchronize(s_stream));
    check(words[0] == 7 && words[8] == 9, "a replay does the work of both streams");
    check_clean();

    // A stream that was forked off and not waited for.
    OK(cuStreamBeginCapture_v2(s_stream, 1));
    OK(cuEventRecord(fork, s_stream));
    OK(cuStreamWaitEvent(side, fork, 0));
    OK(cuMemsetD32Async(a, 1, 1, side));
    EXPECT(cuStreamEndCapture(s_stream, &graph), 904);
    check(graph == 0, "no graph after an unjoined capture");

    // Calls that are not allowed invalidate the capture.
    uintptr_t b;
    OK(cuStreamBeginCapture_v2(s_stream, 1));
    EXPECT(cuMemAlloc_v2(&b, 16), 900);
    int state = 0;
    OK(cuStreamIsCapturing(s_stream, &state));
    check(state == 2, "an allocation invalidates");
    EXPECT(cuMemsetD32Async(a, 1, 1, s_stream), 901);
    EXPECT(cuStreamEndCapture(s_stream, &graph), 901);
    OK(cuStreamBeginCapture_v2(s_stream, 1));
    EXPECT(cuStreamSynchronize(s_stream), 900);
    EXPECT(cuStreamEndCapture(s_stream, &graph), 901);
    OK(cuEventRecord(fork, side));
    OK(cuStreamBeginCapture_v2(s_stream, 1));
    EXPECT(cuStreamWaitEvent(s_stream, fork, 0), 905);
    EXPECT(cuStreamEndCapture(s_stream, &graph), 901);
    EXPECT(cuStreamEndCapture(s_stream, &graph), 401);

    // A free by another thread spoils even a thread-local capture; work on another stream does not.
    OK(cuMemAlloc_v2(&b, 16));
    Handle context;
    OK(cuCtxPopCurrent_v2(&context));
    OK(cuCtxPushCurrent_v2(context));
    for (bool frees : {false, true}) {
        OK(cuStreamBeginCapture_v2(s_stream, 1));
        std::thread([&] {
            OK(cuCtxPushCurrent_v2(context));
            if (frees) OK(cuMemFree_v2(b));
            else OK(cuMemsetD8Async(b, 0, 16, side));
            Handle popped;
            EXPECT(cuStreamEndCapture(s_stream, &popped), 908);
            OK(cuCtxPopCurrent_v2(&popped));
        }).join();
        EXPECT(cuStreamEndCapture(s_stream, &graph), frees ? 901 : 0);
        if (!frees) OK(cuGraphDestroy(graph));
    }

    // Memory that goes away under a graph.
    OK(cuMemFree_v2(a));
    OK(cuGraphLaunch(exec, s_stream));
    EXPECT(cuStreamSynchronize(s_stream), 700);
    check_problem("target of a fill");
    OK(cuGraphExecDestroy(exec));
    OK(cuEventDestroy_v2(fork));
    OK(cuEventDestroy_v2(join));
    OK(cuStreamDestroy_v2(side));
    OK(cuMemFreeHost(pinned));
    check_clean();
}

const char* Source = R"(
#include "common.cuh"
struct Args { float* y; const float* x; int n; };
static_assert(sizeof(Args) == ARGS_SIZE, "size");
__constant__ float factor[2];
extern "C" __global__ void scale(const Args args) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < args.n) args.y[i] = twice(args.x[i]) * factor[0];
}
extern "C" __global__ void crash(const Args args) { args.y[1 << 20] = 1; }
)";
const char* Common = "__device__ inline float twice(float x) { return 2 * x; }\n";

struct Args { uintptr_t y, x; int n; };

std::vector<char> compile(const char* source, int expected, const char* architecture) {
    Handle program;
    const char* include = "common.cuh";
    OK(nvrtcCreateProgram(&program, source, "scale.cu", 1, &Common, &include));
    const char* options[] = {architecture, "--std=c++17", "-DARGS_SIZE=24", "--fmad=false", "-lineinfo", "--minimal"};
    EXPECT(nvrtcCompileProgram(program, 6, options), expected);
    size_t bytes = 0;
    OK(nvrtcGetProgramLogSize(program, &bytes));
    std::vector<char> result(bytes);
    OK(nvrtcGetProgramLog(program, result.data()));
    if (expected == 0) {
        OK(nvrtcGetCUBINSize(program, &bytes));
        bool real = bytes > 0;
        if (!real) OK(nvrtcGetPTXSize(program, &bytes));
        result.resize(bytes);
        OK(real ? nvrtcGetCUBIN(program, result.data()) : nvrtcGetPTX(program, result.data()));
    }
    OK(nvrtcDestroyProgram(&program));
    check(program == 0, "a program is cleared");
    return result;
}

void kernels() {
    const char* broken = "extern \"C\" __global__ void f(int* x) {\n  *x = nothing;\n}\n";
    std::string log = compile(broken, 6, "--gpu-architecture=sm_90").data();
    check(log.find("scale.cu(2): error:") != std::string::npos && log.find("nothing") != std::string::npos,
          "the compiler's log: " + log);
    compile(Source, 5, "--gpu-architecture=sm_91");

    uintptr_t memory, factor;
    OK(cuMemAlloc_v2(&memory, 256));
    for (const char* architecture : {"--gpu-architecture=sm_90", "--gpu-architecture=compute_80"}) {
        std::vector<char> image = compile(Source, 0, architecture);
        Handle module, scale;
        OK(cuModuleLoadData(&module, image.data()));
        OK(cuModuleGetFunction(&scale, module, "scale"));
        Handle none;
        EXPECT(cuModuleGetFunction(&none, module, "nowhere"), 500);
        size_t bytes;
        OK(cuModuleGetGlobal_v2(&factor, &bytes, module, "factor"));
        check(bytes == 8, "the size of a variable");
        float factors[2] = {5, 0}, x[8] = {1, 2, 3}, y[8] = {};
        OK(cuMemcpyHtoDAsync_v2(factor, factors, 8, s_stream));
        OK(cuMemcpyHtoDAsync_v2(memory + 128, x, 32, s_stream));
        Args args = {memory, memory + 128, 8};
        void* parameters[] = {&args};
        OK(cuLaunchKernel(scale, 2, 1, 1, 4, 1, 1, 0, s_stream, parameters, nullptr));
        OK(cuMemcpyDtoHAsync_v2(y, memory, 32, s_stream));
        check(y[0] == 10 && y[2] == 30, "a kernel runs");
        EXPECT(cuLaunchKernel(scale, 1, 1, 1, 2048, 1, 1, 0, s_stream, parameters, nullptr), 1);
        EXPECT(cuLaunchKernel(scale, 0, 1, 1, 1, 1, 1, 0, s_stream, parameters, nullptr), 1);
        EXPECT(cuLaunchKernel(scale, 1, 1, 1, 1, 1, 1, 99999, s_stream, parameters, nullptr), 1);
        check_clean();

        Handle crash;
        OK(cuModuleGetFunction(&crash, module, "crash"));
        OK(cuLaunchKernel(crash, 1, 1, 1, 1, 1, 1, 0, s_stream, parameters, nullptr));
        EXPECT(cuStreamSynchronize(s_stream), 700);
        EXPECT(cuMemAlloc_v2(&factor, 16), 700);
        check_problem("illegal address in kernel crash, block (0,0,0), thread (0,0,0)");
        args.y = 0;
        OK(cuModuleUnload(module));
        EXPECT(cuLaunchKernel(scale, 1, 1, 1, 1, 1, 1, 0, s_stream, parameters, nullptr), 400);
        codatSimReset();
        image[image.size() / 2] ^= 1;
        EXPECT(cuModuleLoadData(&module, image.data()), image[0] == '.' ? 218 : 200);
    }
    EXPECT(cuModuleLoadData(&factor, "no image at all, only some text"), 200);
    std::vector<char> newer = compile(Source, 0, "--gpu-architecture=sm_100");
    EXPECT(cuModuleLoadData(&factor, newer.data()), 209);
    OK(cuMemFree_v2(memory));
    check_clean();
}

void faults() {
    uintptr_t a;
    codatSimSetFault("cuMemAlloc_v2", 2, 2);
    OK(cuMemAlloc_v2(&a, 16));
    uintptr_t b;
    EXPECT(cuMemAlloc_v2(&b, 16), 2);
    check(codatSimCalls("cuMemAlloc_v2") == 2, "calls are counted");
    check(report() == "live: 1 allocations\n", "what came since the last reset is alive: " + report());
    codatSimSetFault("cuMemFree_v2", 1, 999);
    EXPECT(cuMemFree_v2(a), 999);
    check(codatSimLive("allocations") == 0, "a failing release still releases");
    codatSimSetFault("cuStreamSynchronize", 0, 719);
    EXPECT(cuStreamSynchronize(s_stream), 719);
    EXPECT(cuStreamSynchronize(s_stream), 719);
    codatSimClearFaults();
    EXPECT(cuStreamQuery(s_stream), 719);
    codatSimReset();
    OK(cuStreamQuery(s_stream));
}

}

/// With another machine played by the environment, which is read once in a process.
int other_machine() {
    int version = 0;
    OK(cuDriverGetVersion(&version));
    check(version == 11080, "an old driver is played");
    EXPECT(cuDriverGetVersion(&version), 999);
    OK(cuDriverGetVersion(&version));
    EXPECT(cuInit(0), 100);
    return finish("a machine without a device");
}

int main() {
    if (getenv("CODAT_SIM_DEVICES") != nullptr) return other_machine();
    Handle context;
    EXPECT(cuDevicePrimaryCtxRetain(&context, 0), 3);
    OK(cuInit(0));
    OK(cuDevicePrimaryCtxRetain(&context, 0));
    EXPECT(cuStreamCreateWithPriority(&s_stream, 1, 0), 201);
    OK(cuCtxPushCurrent_v2(context));
    OK(cuStreamCreateWithPriority(&s_stream, 1, 0));
    memory();
    events_and_streams();
    capture();
    kernels();
    faults();
    OK(cuStreamDestroy_v2(s_stream));
    OK(cuCtxPopCurrent_v2(&context));
    OK(cuDevicePrimaryCtxRelease_v2(0));
    check_nothing_left();
    return finish("the driver and the compiler");
}
