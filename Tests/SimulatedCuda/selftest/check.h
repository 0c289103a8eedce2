// What the self tests share: a check that counts and the functions of the simulation itself.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

using Handle = uintptr_t;

extern "C" {
void codatSimSetFault(const char*, long long, int);
void codatSimClearFaults();
long long codatSimCalls(const char*);
size_t codatSimCallCounts(char*, size_t);
long long codatSimLive(const char*);
long long codatSimProblems();
long long codatSimUninitialisedReads();
size_t codatSimReport(char*, size_t);
void codatSimReset();

int cuInit(unsigned);
int cuDriverGetVersion(int*);
int cuDevicePrimaryCtxRetain(Handle*, int);
int cuDevicePrimaryCtxRelease_v2(int);
int cuCtxPushCurrent_v2(Handle);
int cuCtxPopCurrent_v2(Handle*);
int cuCtxSynchronize();
int cuMemAlloc_v2(uintptr_t*, size_t);
int cuMemFree_v2(uintptr_t);
int cuMemHostAlloc(void**, size_t, unsigned);
int cuMemFreeHost(void*);
int cuMemGetInfo_v2(size_t*, size_t*);
int cuMemcpyHtoDAsync_v2(uintptr_t, const void*, size_t, Handle);
int cuMemcpyDtoHAsync_v2(void*, uintptr_t, size_t, Handle);
int cuMemsetD8Async(uintptr_t, unsigned char, size_t, Handle);
int cuMemsetD32Async(uintptr_t, unsigned, size_t, Handle);
int cuStreamCreateWithPriority(Handle*, unsigned, int);
int cuStreamDestroy_v2(Handle);
int cuStreamSynchronize(Handle);
int cuStreamQuery(Handle);
int cuStreamWaitEvent(Handle, Handle, unsigned);
int cuStreamIsCapturing(Handle, int*);
int cuStreamBeginCapture_v2(Handle, int);
int cuStreamEndCapture(Handle, Handle*);
int cuThreadExchangeStreamCaptureMode(int*);
int cuEventCreate(Handle*, unsigned);
int cuEventDestroy_v2(Handle);
int cuEventRecord(Handle, Handle);
int cuEventQuery(Handle);
int cuEventElapsedTime(float*, Handle, Handle);
int cuGraphGetNodes(Handle, Handle*, size_t*);
int cuGraphInstantiateWithFlags(Handle*, Handle, unsigned long long);
int cuGraphDestroy(Handle);
int cuGraphExecDestroy(Handle);
int cuGraphLaunch(Handle, Handle);
int cuModuleLoadData(Handle*, const void*);
int cuModuleUnload(Handle);
int cuModuleGetFunction(Handle*, Handle, const char*);
int cuModuleGetGlobal_v2(uintptr_t*, size_t*, Handle, const char*);
int cuFuncGetAttribute(int*, int, Handle);
int cuLaunchKernel(Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle, void**,
                   void**);
int nvrtcCreateProgram(Handle*, const char*, const char*, int, const char* const*, const char* const*);
int nvrtcDestroyProgram(Handle*);
int nvrtcCompileProgram(Handle, int, const char* const*);
int nvrtcGetProgramLogSize(Handle, size_t*);
int nvrtcGetProgramLog(Handle, char*);
int nvrtcGetCUBINSize(Handle, size_t*);
int nvrtcGetCUBIN(Handle, char*);
int nvrtcGetPTXSize(Handle, size_t*);
int nvrtcGetPTX(Handle, char*);
}

inline int s_failures, s_checks;

inline void check(bool condition, const std::string& what) {
    s_checks++;
    if (condition) return;
    printf("failed: %s\n", what.c_str());
    s_failures++;
}

inline void check_status(int found, int expected, const char* what) {
    check(found == expected, std::string(what) + ": status " + std::to_string(found) + " instead of "
        + std::to_string(expected));
}

#define EXPECT(CALL, STATUS) check_status(CALL, STATUS, __FILE__ ": " #CALL)
#define OK(CALL) EXPECT(CALL, 0)

inline std::string report() {
    std::string text(codatSimReport(nullptr, 0), 0);
    codatSimReport(text.data(), text.size());
    text.resize(text.size() - 1);
    return text;
}

/// One problem was noted since the last look, and it says this.
inline void check_problem(const char* expected) {
    bool found = codatSimProblems() > 0 && report().find(expected) != std::string::npos;
    check(found, std::string("a problem '") + expected + "' expected, found:\n" + report());
    codatSimReset();
}

inline void check_clean() {
    check(codatSimProblems() == 0, "no problem expected, found:\n" + report());
    codatSimReset();
}

/// Of everything that can be alive, nothing is.
inline void check_nothing_left() {
    for (const char* kind : {"allocations", "pinned", "registered", "contexts", "streams", "events", "graphs",
                             "graph_execs", "modules", "nvrtc_programs", "cublas_handles", "cublaslt_handles",
                             "cublaslt_operations", "cublaslt_layouts", "cublaslt_preferences", "cudnn_handles",
                             "cudnn_descriptors"})
        check(codatSimLive(kind) == 0, std::to_string(codatSimLive(kind)) + " " + kind + " are left");
    check(report().empty(), "nothing to report: " + report());
}

inline int finish(const char* what) {
    printf("%d checks of %s, %d failures\n", s_checks, what, s_failures);
    return s_failures != 0;
}
