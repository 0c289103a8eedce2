#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace codat_sim {

struct ProcessResult {
    int exit_code = -1;
    std::string output;                   // stdout and stderr together
};

/// Runs a program found on the path and waits for it; its output goes through a file in `scratch`.
ProcessResult run_process(const std::vector<std::string>& command, const std::filesystem::path& scratch);

}
