#include "kernel_source.h"

#include <cctype>
#include <map>
#include <string_view>

namespace codat_sim {

namespace {

class Rewriter {
public:
    Rewriter(const std::string& text, bool shared_section) : _text(text), _shared_section(shared_section) {}

    std::string run() {
        while (_at < _text.size()) {
            char c = _text[_at];
            if (c == '"' || c == '\'') copy_literal(c);
            else if (is_word(c)) word();
            else {
                if (c == ';' || c == '{' || c == '}') _bounds.clear();
                if (!std::isspace(static_cast<unsigned char>(c))) _before = c;
                _out += c;
                _at++;
            }
        }
        append_table();
        return std::move(_out);
    }

private:
    static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

    std::string_view peek_word(size_t at) const {
        size_t end = at;
        while (end < _text.size() && is_word(_text[end])) end++;
        return std::string_view(_text).substr(at, end - at);
    }

    size_t skip_space(size_t at) const {
        while (at < _text.size() && std::isspace(static_cast<unsigned char>(_text[at]))) at++;
        return at;
    }

    /// The place behind the parenthesis that closes the one at `at`.
    size_t skip_parentheses(size_t at) const {
        int depth = 0;
        for (; at < _text.size(); at++) {
            if (_text[at] == '(') depth++;
            else if (_text[at] == ')' && --depth == 0) return at + 1;
        }
        return at;
    }

    void copy_literal(char quote) {
        // A quote inside a number (1'000) is a separator, not a literal.
        size_t end = _at + 1;
        if (quote == '\'' && _at > 0 && std::isdigit(static_cast<unsigned char>(_text[_at - 1]))) {
            _out += _text[_at++];
            return;
        }
        while (end < _text.size() && _text[end] != quote && _text[end] != '\n') end += _text[end] == '\\' ? 2 : 1;
        end = std::min(end + 1, _text.size());
        _out.append(_text, _at, end - _at);
        _at = end;
        _before = quote;
    }

    void word() {
        std::string_view found = peek_word(_at);
        if (found == "__launch_bounds__") {
            take_bounds();
        } else if (found == "__global__") {
            _at += found.size();
            kernel();
        } else if (found == "extern" && peek_word(skip_space(_at + found.size())) == "__shared__") {
            dynamic_shared();
        } else if (found == "__shared__") {
            _at += found.size();
            _out += _shared_section ? "static __attribute__((section(\"codat_shared\")))" : "static";
        } else {
            _out += found;
            _at += found.size();
        }
        _before = 'w';
    }

    void take_bounds() {
        size_t open = skip_space(_at + 17), end = skip_parentheses(open);
        _bounds = _text.substr(open, end - open);
        for (; _at < end; _at++)
            if (_text[_at] == '\n') _out += '\n';
    }

    /// Notes the name of the kernel declared here; templates cannot be looked up by name and are left alone.
    void kernel() {
        bool is_template = _before == '>';
        _out += "__attribute__((noinline))";
        std::string name;
        size_t at = _at;
        while (at < _text.size() && _text[at] != '(') {
            if (!is_word(_text[at])) {
                at++;
                continue;
            }
            std::string_view found = peek_word(at);
            at += found.size();
            if (found == "__launch_bounds__" || found == "__attribute__") {
                size_t open = skip_space(at), end = skip_parentheses(open);
                if (found == "__launch_bounds__") _bounds = _text.substr(open, end - open);
                at = end;
            } else {
                name = found;
            }
        }
        if (!is_template && !name.empty()) {
            std::string& bounds = _kernels[name];
            if (!_bounds.empty()) bounds = _bounds;
        }
    }

    /// `extern __shared__ T name[];` becomes a pointer to the buffer that a launch fills.
    void dynamic_shared() {
        size_t begin = _text.find("__shared__", _at) + 10, end = _text.find(';', begin);
        size_t bracket = _text.rfind('[', end);
        if (end == std::string::npos || bracket == std::string::npos || bracket < begin) {
            _out += _text[_at++];
            return;
        }
        std::string type, name;
        for (size_t at = begin; at < bracket;) {
            if (!is_word(_text[at])) {
                type += _text[at++];
                continue;
            }
            std::string found(peek_word(at));
            at += found.size();
            if (found == "__attribute__" || found == "alignas") {
                at = skip_parentheses(skip_space(at));
            } else {
                type += name;
                name = found;
            }
        }
        _out += type + "* const " + name + " = reinterpret_cast<" + type + "*>(codat_sim_dynamic_shared)";
        _at = end;
    }

    void append_table() {
        _out += "\n#1 \"kernel table\"\n"
                "extern \"C\" {\n"
                "codat_sim::KernelState codat_sim_state;\n"
                "alignas(1024) unsigned char codat_sim_dynamic_shared[codat_sim::DynamicSharedBytes];\n";
        if (_shared_section)
            _out += "extern unsigned char __start_codat_shared[] __attribute__((weak, visibility(\"hidden\")));\n"
                    "extern unsigned char __stop_codat_shared[] __attribute__((weak, visibility(\"hidden\")));\n";
        _out += "static const codat_sim::KernelEntry codat_sim_entries[] = {\n";
        for (const auto& [name, bounds] : _kernels)
            _out += "codat_sim::Entry<&" + name + ">::describe(\"" + name + "\", codat_sim::first"
                + (bounds.empty() ? "()" : bounds) + "),\n";
        _out += "{}};\nextern const codat_sim::KernelImage codat_sim_image = {&codat_sim_state, ";
        _out += _shared_section ? "__start_codat_shared, __stop_codat_shared" : "nullptr, nullptr";
        _out += ", codat_sim_dynamic_shared, codat_sim_entries, " + std::to_string(_kernels.size()) + "};\n}\n";
    }

    const std::string& _text;
    bool _shared_section;
    size_t _at = 0;
    char _before = 0;
    std::string _out, _bounds;
    std::map<std::string, std::string> _kernels;
};

}

std::string rewrite_kernel_source(const std::string& preprocessed, bool shared_section) {
    return Rewriter(preprocessed, shared_section).run();
}

}
