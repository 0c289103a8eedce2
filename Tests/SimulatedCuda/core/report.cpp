#include "report.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "call.h"

namespace codat_sim {

namespace {

constexpr size_t Kept = 200;

struct Log {
    std::vector<std::string> lines;
    long long count = 0;

    void add(const std::string& text) {
        std::string call = Call::current();
        std::string line = call.empty() ? text : call + ": " + text;
        if (getenv("CODAT_SIM_VERBOSE") != nullptr) fprintf(stderr, "simulated CUDA: %s\n", line.c_str());
        if (lines.size() < Kept) lines.push_back(line);
        count++;
    }
};

Log& misuse() {
    static auto* log = new Log();
    return *log;
}

Log& uninitialised() {
    static auto* log = new Log();
    return *log;
}

}

void add_problem(const std::string& text) { misuse().add(text); }
void add_uninitialised_read(const std::string& text) { uninitialised().add(text); }
long long problem_count() { return misuse().count; }
long long uninitialised_read_count() { return uninitialised().count; }

std::string problems() {
    std::string text;
    for (const std::string& line : misuse().lines) text += "problem: " + line + "\n";
    for (const std::string& line : uninitialised().lines) text += "uninitialised: " + line + "\n";
    return text;
}

void clear_problems() {
    misuse() = {};
    uninitialised() = {};
}

}
