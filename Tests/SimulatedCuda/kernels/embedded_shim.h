// The shim headers as they were when this was built, so that the finished library needs no folder of sources.
#pragma once
#include <string_view>
#include <vector>

namespace codat_sim {

struct EmbeddedFile {
    const char* name;
    std::string_view text;
};

const std::vector<EmbeddedFile>& shim_files();

}
