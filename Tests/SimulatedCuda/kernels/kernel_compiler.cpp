#include "kernel_compiler.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "embedded_shim.h"
#include "kernel_source.h"
#include "run_process.h"

namespace codat_sim {

namespace {

namespace fs = std::filesystem;

// Changes whenever the commands below or the rewriting do, so that no old result is taken.
constexpr const char* Recipe = "3";

class Hash {
public:
    void add(std::string_view text) {
        for (unsigned char c : text) step(c);
        for (size_t n = text.size(), i = 0; i < 8; i++, n >>= 8) step(static_cast<unsigned char>(n));
    }
    std::string text() const {
        char buffer[33];
        snprintf(buffer, sizeof buffer, "%016llx%016llx", _a, _b);
        return buffer;
    }

private:
    void step(unsigned char c) {
        _a = (_a ^ c) * 1099511628211ull;
        _b = (_b ^ c) * 0x9E3779B97F4A7C15ull;
        _b ^= _b >> 29;
    }
    unsigned long long _a = 14695981039346656037ull, _b = 0x243F6A8885A308D3ull;
};

std::string read_all(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

bool write_all(const fs::path& path, std::string_view text) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    std::ofstream out(path, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    return static_cast<bool>(out.flush());
}

fs::path cache_folder() {
    if (const char* folder = getenv("CODAT_SIM_CACHE")) return folder;
    std::error_code failed;
    fs::path temporary = fs::temp_directory_path(failed);
    return (failed ? fs::path("/tmp") : temporary) / ("codat-sim-kernels-" + std::to_string(getuid()));
}

bool has_fma() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2");
#else
    return true;
#endif
}

std::string key_of(const CompileRequest& request) {
    Hash hash;
    hash.add(Recipe);
    hash.add(has_fma() ? "fma" : "plain");
    for (const EmbeddedFile& file : shim_files()) hash.add(file.text);
    hash.add(request.source.name);
    hash.add(request.source.text);
    for (const SourceFile& header : request.headers) {
        hash.add(header.name);
        hash.add(header.text);
    }
    for (const std::string& definition : request.definitions) hash.add(definition);
    for (const std::string& folder : request.include_folders) hash.add(folder);
    hash.add(std::to_string(request.compute_capability) + (request.fused_multiply_add ? "+" : "-"));
    return hash.text();
}

/// A folder that goes away with its owner.
class WorkFolder {
public:
    WorkFolder() {
        std::error_code ignored;
        fs::create_directories(cache_folder(), ignored);
        std::string pattern = (cache_folder() / "work-XXXXXX").string();
        if (mkdtemp(pattern.data()) != nullptr) _path = pattern;
    }
    ~WorkFolder() {
        std::error_code ignored;
        if (!_path.empty()) fs::remove_all(_path, ignored);
    }
    const fs::path& path() const { return _path; }

private:
    fs::path _path;
};

std::vector<std::string> preprocess_command(const CompileRequest& request, const fs::path& work) {
    std::vector<std::string> command = {
        "g++", "-E", "-std=c++17", "-x", "c++", "-include", (work / "shim/cuda_host.h").string(),
        "-I" + (work / "headers").string(),
        "-D__CUDA_ARCH__=" + std::to_string(request.compute_capability * 10)};
    for (const std::string& folder : request.include_folders) command.push_back("-I" + folder);
    for (const std::string& definition : request.definitions) command.push_back("-D" + definition);
    command.insert(command.end(), {(work / "source.cu").string(), "-o", (work / "source.ii").string()});
    return command;
}

std::vector<std::string> compile_command(const CompileRequest& request, const fs::path& work) {
    std::vector<std::string> command = {
        "g++", "-std=c++17", "-O2", "-fPIC", "-shared", "-x", "c++-cpp-output", "-w", "-fno-exceptions", "-fno-rtti",
        "-fno-strict-aliasing", "-fno-math-errno", "-fno-stack-protector", "-fdiagnostics-color=never",
        // A file with unique symbols is never unloaded, and the next module under its path would be the old one.
        "-fno-gnu-unique", "-fno-diagnostics-show-caret", "-Wl,-Bsymbolic",
        request.fused_multiply_add && has_fma() ? "-ffp-contract=fast" : "-ffp-contract=off"};
#if defined(__x86_64__)
    if (has_fma()) command.push_back("-march=x86-64-v3");
#endif
    command.insert(command.end(), {(work / "rewritten.ii").string(), "-o", (work / "kernel.so").string(),
                                   "-nodefaultlibs", "-lm", "-lc"});
    return command;
}

/// g++ says "file:line:column: error: text"; NVRTC says "file(line): error: text".
std::string like_nvrtc(const std::string& log, const fs::path& work) {
    static const std::regex place(R"(^([^:\n]+):(\d+):(\d+: )?)");
    std::string folder = (work / "headers").string() + "/", result, line;
    std::istringstream lines(log);
    while (std::getline(lines, line)) {
        for (size_t at; (at = line.find(folder)) != std::string::npos;) line.erase(at, folder.size());
        if (line.find(": error: ") == std::string::npos && line.find(": fatal error: ") == std::string::npos
            && line.find("undefined reference") == std::string::npos) continue;
        result += std::regex_replace(line, place, "$1($2): ", std::regex_constants::format_first_only) + "\n";
    }
    return result.empty() && !log.empty() ? log : result;
}

CompileResult compile_anew(const CompileRequest& request) {
    CompileResult result;
    WorkFolder folder;
    const fs::path& work = folder.path();
    if (work.empty()) {
        result.log = "cannot make a folder under " + cache_folder().string() + "\n";
        return result;
    }
    for (const EmbeddedFile& file : shim_files()) write_all(work / "shim" / file.name, file.text);
    for (const SourceFile& header : request.headers) write_all(work / "headers" / header.name, header.text);
    write_all(work / "source.cu", "#line 1 \"" + request.source.name + "\"\n" + request.source.text);

    ProcessResult preprocessed = run_process(preprocess_command(request, work), work);
    if (preprocessed.exit_code != 0) {
        result.log = like_nvrtc(preprocessed.output, work);
        return result;
    }
    std::string source = read_all(work / "source.ii");
    for (bool section : {true, false}) {
        write_all(work / "rewritten.ii", rewrite_kernel_source(source, section));
        ProcessResult compiled = run_process(compile_command(request, work), work);
        result.succeeded = compiled.exit_code == 0;
        result.log = like_nvrtc(compiled.output, work);
        bool conflict = compiled.output.find("section type conflict") != std::string::npos;
        if (result.succeeded || !conflict) break;
    }
    if (result.succeeded) result.shared_object = read_all(work / "kernel.so");
    return result;
}

}

CompileResult compile_kernel(const CompileRequest& request) {
    fs::path kept = cache_folder() / (key_of(request) + ".so");
    CompileResult result;
    result.shared_object = read_all(kept);
    result.succeeded = !result.shared_object.empty();
    if (result.succeeded) return result;

    result = compile_anew(request);
    if (!result.succeeded) return result;
    fs::path temporary = kept;
    temporary += "." + std::to_string(getpid()) + "." + std::to_string(rand());
    std::error_code ignored;
    if (write_all(temporary, result.shared_object)) fs::rename(temporary, kept, ignored);
    return result;
}

}
