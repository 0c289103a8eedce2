// What went wrong and what is still alive, for the tests to read.
#pragma once
#include <string>

namespace codat_sim {

/// Notes a misuse with the call that was made; also prints it when CODAT_SIM_VERBOSE=1.
void add_problem(const std::string& text);
/// Notes that content nobody wrote was read. Kept apart: padding is copied in good faith.
void add_uninitialised_read(const std::string& text);
long long problem_count();
long long uninitialised_read_count();
std::string problems();
void clear_problems();

/// Gives the current context of this thread a lasting error, as a crashed kernel does.
void poison_current_context(int status);

}
