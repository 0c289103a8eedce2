#include "recovery.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "../shim/kernel_abi.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace codat_sim {

namespace {

constexpr int Caught[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr int CaughtCount = 4;
struct sigaction s_before[CaughtCount], s_before_timer;
std::atomic<bool> s_active{false};
pthread_t s_thread;
sigjmp_buf s_way_out;
Fault s_fault;

int timer_signal() { return SIGRTMAX - 2; }

bool is_ours() { return s_active.load() && pthread_equal(pthread_self(), s_thread); }

void pass_on(const struct sigaction& before, int signal, siginfo_t* info, void* context) {
    if ((before.sa_flags & SA_SIGINFO) != 0) before.sa_sigaction(signal, info, context);
    else if (before.sa_handler == SIG_DFL) sigaction(signal, &before, nullptr);   // comes back and ends the process
    else if (before.sa_handler != SIG_IGN) before.sa_handler(signal);
}

void on_fault(int signal, siginfo_t* info, void* context) {
    if (is_ours()) {
        bool memory = signal == SIGSEGV || signal == SIGBUS;
        s_fault.status = memory ? StatusIllegalAddress : StatusLaunchFailed;
        s_fault.address = memory ? info->si_addr : nullptr;
        s_fault.what = memory ? "illegal address"
            : signal == SIGFPE ? "integer division by zero" : "illegal instruction";
        siglongjmp(s_way_out, 1);
    }
    for (int i = 0; i < CaughtCount; i++)
        if (Caught[i] == signal) pass_on(s_before[i], signal, info, context);
}

void on_timer(int, siginfo_t*, void*) {
    if (!is_ours()) return;
    s_fault = {StatusLaunchTimeout, "the time limit was reached", nullptr};
    siglongjmp(s_way_out, 1);
}

void install() {
    struct sigaction action = {};
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = on_fault;
    for (int i = 0; i < CaughtCount; i++) sigaction(Caught[i], &action, &s_before[i]);
    action.sa_sigaction = on_timer;
    sigaction(timer_signal(), &action, &s_before_timer);
}

void uninstall() {
    for (int i = 0; i < CaughtCount; i++) sigaction(Caught[i], &s_before[i], nullptr);
    sigaction(timer_signal(), &s_before_timer, nullptr);
}

bool start_timer(timer_t* timer, unsigned timeout_ms) {
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = timer_signal();
    event.sigev_notify_thread_id = static_cast<pid_t>(syscall(SYS_gettid));
    if (timer_create(CLOCK_MONOTONIC, &event, timer) != 0) return false;
    itimerspec limit = {};
    limit.it_value.tv_sec = timeout_ms / 1000;
    limit.it_value.tv_nsec = static_cast<long>(timeout_ms % 1000) * 1000000;
    timer_settime(*timer, 0, &limit, nullptr);
    return true;
}

}

bool run_guarded(void (*body)(void*), void* argument, unsigned timeout_ms, Fault* fault) {
    timer_t timer;
    s_thread = pthread_self();
    s_fault = {};
    install();
    const bool timed = timeout_ms > 0 && start_timer(&timer, timeout_ms);
    volatile bool returned = false;
    if (sigsetjmp(s_way_out, 1) == 0) {
        s_active.store(true);
        body(argument);
        returned = true;
    }
    s_active.store(false);
    if (timed) timer_delete(timer);
    uninstall();
    *fault = s_fault;
    return returned;
}

}
