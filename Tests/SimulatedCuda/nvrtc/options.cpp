#include "options.h"

#include <algorithm>
#include <cstdlib>

#include "../core/settings.h"

namespace codat_sim {

namespace {

constexpr int Architectures[] = {50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 89, 90, 100, 101, 103, 120};

// Taken without any effect on the host.
constexpr const char* Flags[] = {
    "-lineinfo", "--generate-line-info", "-default-device", "--device-as-default-execution-space", "--minimal",
    "-minimal", "-w", "--disable-warnings", "--restrict", "-restrict", "--device-debug", "-G", "-dopt",
    "--extra-device-vectorization", "-extra-device-vectorization", "--display-error-number", "-err-no",
    "--relocatable-device-code=false", "-rdc=false", "--builtin-move-forward=true", "--builtin-initializer-list=true"};

constexpr const char* Booleans[] = {"--ftz=", "-ftz=", "--prec-sqrt=", "-prec-sqrt=", "--prec-div=", "-prec-div="};

bool starts(const std::string& text, const char* start, std::string* rest) {
    if (text.rfind(start, 0) != 0) return false;
    *rest = text.substr(std::string(start).size());
    return true;
}

bool is_boolean(const std::string& text) { return text == "true" || text == "false"; }

bool read_architecture(const std::string& value, CompileRequest* request, NvrtcOptions* result) {
    std::string number;
    result->is_real_architecture = starts(value, "sm_", &number);
    if (!result->is_real_architecture && !starts(value, "compute_", &number)) return false;
    if (!number.empty() && number.back() == 'a') number.pop_back();
    request->compute_capability = atoi(number.c_str());
    const auto& known = supported_architectures();
    return std::find(known.begin(), known.end(), request->compute_capability) != known.end();
}

bool read_option(const std::string& option, CompileRequest* request, NvrtcOptions* result) {
    std::string value;
    if (starts(option, "--gpu-architecture=", &value) || starts(option, "-arch=", &value))
        return read_architecture(value, request, result);
    if (starts(option, "--std=", &value) || starts(option, "-std=", &value))
        return value == "c++17" || value == "c++14" || value == "c++11" || value == "c++20";
    if (starts(option, "--fmad=", &value) || starts(option, "-fmad=", &value)) {
        request->fused_multiply_add = value == "true";
        return is_boolean(value);
    }
    if (starts(option, "--maxrregcount=", &value) || starts(option, "-maxrregcount=", &value))
        return atoi(value.c_str()) > 0;
    if (starts(option, "--define-macro=", &value) || starts(option, "-D", &value)) {
        request->definitions.push_back(value);
        return !value.empty();
    }
    if (starts(option, "--include-path=", &value) || starts(option, "-I", &value)) {
        request->include_folders.push_back(value);
        return !value.empty();
    }
    for (const char* name : Booleans)
        if (starts(option, name, &value)) return is_boolean(value);
    if (option == "--use_fast_math" || option == "-use_fast_math") return true;
    return std::find(std::begin(Flags), std::end(Flags), option) != std::end(Flags);
}

}

const std::vector<int>& supported_architectures() {
    static const std::vector<int> known = [] {
        std::vector<int> list;
        for (int architecture : Architectures)
            if (architecture <= settings().nvrtc_newest) list.push_back(architecture);
        return list;
    }();
    return known;
}

bool read_options(const std::vector<std::string>& options, CompileRequest* request, NvrtcOptions* result) {
    request->compute_capability = 52;     // what NVRTC compiles for when it is not told: a virtual architecture
    for (const std::string& option : options)
        if (!read_option(option, request, result)) {
            result->error = option.rfind("--gpu-architecture", 0) == 0 || option.rfind("-arch", 0) == 0
                ? "nvrtc: error: invalid value for --gpu-architecture (-arch)\n"
                : "nvrtc: error: unrecognized option " + option + " found\n";
            return false;
        }
    return true;
}

}
