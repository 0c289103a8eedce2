#include "kernel_test.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace codat_sim {

KernelFile::KernelFile(const std::string& path, std::vector<std::string> definitions,
                       std::vector<std::string> include_folders, bool fused_multiply_add) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path);
    std::ostringstream text;
    text << in.rdbuf();

    CompileRequest request;
    request.source = {path, text.str()};
    request.definitions = std::move(definitions);
    // The headers' text takes part in the key of the cache, so they are handed over as files in memory.
    std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    include_folders.insert(include_folders.begin(), folder.string());
    for (const std::string& other : include_folders)
        for (const auto& file : std::filesystem::directory_iterator(other)) {
            if (file.path().extension() != ".cuh") continue;
            std::ifstream header(file.path(), std::ios::binary);
            std::ostringstream content;
            content << header.rdbuf();
            request.headers.push_back({file.path().filename().string(), content.str()});
        }
    request.fused_multiply_add = fused_multiply_add;

    CompileResult result = compile_kernel(request);
    if (!result.succeeded) throw std::runtime_error(result.log);
    std::string error;
    _module = KernelModule::load(result.shared_object, &error);
    if (_module == nullptr) throw std::runtime_error(error);
}

void KernelFile::launch_with(const std::string& entry, Index3 grid, Index3 block, size_t dynamic_bytes,
                             void** parameters, const unsigned long* sizes, int count) {
    const KernelEntry* found = _module->find(entry);
    if (found == nullptr) throw std::runtime_error("no kernel " + entry);
    bool same = count == found->parameter_count;
    for (int i = 0; same && i < count; i++) same = sizes[i] == found->parameter_sizes[i];
    if (!same) throw std::runtime_error("the kernel " + entry + " has parameters of other sizes");
    unsigned threads = block.x * block.y * block.z;
    unsigned most = found->max_threads != 0 ? unsigned(found->max_threads) : Engine::MaxThreads;
    if (threads == 0 || threads > most)
        throw std::runtime_error("the kernel " + entry + " cannot run with " + std::to_string(threads) + " threads");
    LaunchOutcome outcome = _engine.run(_module->image(), *found, grid, block, dynamic_bytes, parameters);
    if (outcome.status != 0) throw std::runtime_error(std::to_string(outcome.status) + ": " + outcome.message);
}

}
