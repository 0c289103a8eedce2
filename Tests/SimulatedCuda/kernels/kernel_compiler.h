// Compiles one .cu source for the host with g++ and keeps the result by its content.
#pragma once
#include <string>
#include <vector>

namespace codat_sim {

struct SourceFile {
    std::string name, text;
};

struct CompileRequest {
    SourceFile source;
    std::vector<SourceFile> headers;
    std::vector<std::string> definitions;      // "NAME=VALUE"
    std::vector<std::string> include_folders;
    int compute_capability = 90;               // 90 = 9.0
    bool fused_multiply_add = true;
};

struct CompileResult {
    bool succeeded = false;
    std::string shared_object;                 // the file's bytes
    std::string log;                           // messages as "name(line): error: text"
};

CompileResult compile_kernel(const CompileRequest& request);

}
