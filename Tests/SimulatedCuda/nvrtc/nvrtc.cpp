#include <cstring>

#include "../core/call.h"
#include "../core/registry.h"
#include "../core/report.h"
#include "../driver/kernel_image.h"
#include "options.h"

using namespace codat_sim;

namespace {

enum Status {
    Success = 0, OutOfMemory = 1, ProgramCreationFailure = 2, InvalidInput = 3, InvalidProgram = 4, InvalidOption = 5,
    Compilation = 6, BuiltinOperationFailure = 7, NoNameExpressionsAfterCompilation = 8,
    NoLoweredNamesBeforeCompilation = 9, NameExpressionNotValid = 10, InternalError = 11
};

constexpr const char* Names[] = {
    "NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT",
    "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION",
    "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", "NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION",
    "NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION", "NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID",
    "NVRTC_ERROR_INTERNAL_ERROR"};

struct Program {
    SourceFile source;
    std::vector<SourceFile> headers;
    std::string log, cubin, ptx;
};

Registry<Program>& programs() {
    static auto* registry = new Registry<Program>("nvrtc_programs");
    return *registry;
}

int bad_program(Handle handle) {
    if (programs().was_live(handle)) add_problem("use of a program after its release");
    return InvalidProgram;
}

int copy_out(const std::string& text, char* target, bool with_zero) {
    if (target == nullptr) return InvalidInput;
    memcpy(target, text.c_str(), text.size() + (with_zero ? 1 : 0));
    return Success;
}

int compile(Program& program, const std::vector<std::string>& options) {
    CompileRequest request;
    NvrtcOptions read;
    if (!read_options(options, &request, &read)) {
        program.log = read.error;
        return InvalidOption;
    }
    request.source = program.source;
    request.headers = program.headers;
    CompileResult result = compile_kernel(request);
    program.log = result.log;
    if (!result.succeeded) return Compilation;
    program.ptx = pack_ptx(result.shared_object, request.compute_capability);
    if (read.is_real_architecture) program.cubin = pack_cubin(result.shared_object, request.compute_capability);
    return Success;
}

}

SIM_EXPORT int nvrtcVersion(int* major, int* minor) {
    SIM_CALL(nvrtcVersion);
    if (major == nullptr || minor == nullptr) return InvalidInput;
    *major = 12;
    *minor = 4;
    return Success;
}

SIM_EXPORT const char* nvrtcGetErrorString(int status) {
    SIM_COUNT(nvrtcGetErrorString);
    return status >= 0 && status <= InternalError ? Names[status] : "NVRTC_ERROR unknown";
}

SIM_EXPORT int nvrtcGetNumSupportedArchs(int* count) {
    SIM_CALL(nvrtcGetNumSupportedArchs);
    if (count == nullptr) return InvalidInput;
    *count = static_cast<int>(supported_architectures().size());
    return Success;
}

SIM_EXPORT int nvrtcGetSupportedArchs(int* architectures) {
    SIM_CALL(nvrtcGetSupportedArchs);
    if (architectures == nullptr) return InvalidInput;
    for (int architecture : supported_architectures()) *architectures++ = architecture;
    return Success;
}

SIM_EXPORT int nvrtcCreateProgram(Handle* handle, const char* source, const char* name, int header_count,
                                  const char* const* headers, const char* const* include_names) {
    SIM_CALL(nvrtcCreateProgram);
    if (handle == nullptr || source == nullptr || header_count < 0) return InvalidInput;
    if (header_count > 0 && (headers == nullptr || include_names == nullptr)) return InvalidInput;
    auto program = std::make_shared<Program>();
    program->source = {name != nullptr && *name != 0 ? name : "default_program", source};
    for (int i = 0; i < header_count; i++) program->headers.push_back({include_names[i], headers[i]});
    *handle = programs().add(program);
    return Success;
}

SIM_EXPORT int nvrtcDestroyProgram(Handle* handle) {
    SIM_RELEASE(nvrtcDestroyProgram);
    if (handle == nullptr) return InvalidInput;
    if (programs().take(*handle) == nullptr) return bad_program(*handle);
    *handle = 0;
    return SIM_RELEASED(Success);
}

SIM_EXPORT int nvrtcCompileProgram(Handle handle, int count, const char* const* options) {
    std::shared_ptr<Program> program;
    std::vector<std::string> texts;
    {
        SIM_CALL(nvrtcCompileProgram);
        program = programs().find(handle);
        if (program == nullptr) return bad_program(handle);
        if (count < 0 || (count > 0 && options == nullptr)) return InvalidInput;
        for (int i = 0; i < count; i++) {
            if (options[i] == nullptr) return InvalidInput;
            texts.emplace_back(options[i]);
        }
    }
    // The compiler takes its time; others go on meanwhile.
    return compile(*program, texts);
}

SIM_EXPORT int nvrtcGetProgramLogSize(Handle handle, size_t* bytes) {
    SIM_CALL(nvrtcGetProgramLogSize);
    auto program = programs().find(handle);
    if (program == nullptr) return bad_program(handle);
    if (bytes == nullptr) return InvalidInput;
    *bytes = program->log.size() + 1;
    return Success;
}

SIM_EXPORT int nvrtcGetProgramLog(Handle handle, char* log) {
    SIM_CALL(nvrtcGetProgramLog);
    auto program = programs().find(handle);
    return program == nullptr ? bad_program(handle) : copy_out(program->log, log, true);
}

SIM_EXPORT int nvrtcGetCUBINSize(Handle handle, size_t* bytes) {
    SIM_CALL(nvrtcGetCUBINSize);
    auto program = programs().find(handle);
    if (program == nullptr) return bad_program(handle);
    if (bytes == nullptr) return InvalidInput;
    *bytes = program->cubin.size();
    return Success;
}

SIM_EXPORT int nvrtcGetCUBIN(Handle handle, char* cubin) {
    SIM_CALL(nvrtcGetCUBIN);
    auto program = programs().find(handle);
    return program == nullptr ? bad_program(handle) : copy_out(program->cubin, cubin, false);
}

SIM_EXPORT int nvrtcGetPTXSize(Handle handle, size_t* bytes) {
    SIM_CALL(nvrtcGetPTXSize);
    auto program = programs().find(handle);
    if (program == nullptr) return bad_program(handle);
    if (bytes == nullptr) return InvalidInput;
    *bytes = program->ptx.size() + 1;
    return Success;
}

SIM_EXPORT int nvrtcGetPTX(Handle handle, char* ptx) {
    SIM_CALL(nvrtcGetPTX);
    auto program = programs().find(handle);
    return program == nullptr ? bad_program(handle) : copy_out(program->ptx, ptx, true);
}
