// Handles: numbers that are never used twice, so that a stale one is always noticed.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace codat_sim {

using Handle = uintptr_t;

class RegistryBase {
public:
    explicit RegistryBase(const char* kind) : _kind(kind) {
        _base = (static_cast<Handle>(all().size()) + 1) << 36 | static_cast<Handle>(0xC0) << 40;
        all().push_back(this);
    }
    const char* kind() const { return _kind; }
    virtual size_t count() const = 0;

    static std::vector<RegistryBase*>& all() {
        static auto* registries = new std::vector<RegistryBase*>();
        return *registries;
    }

protected:
    ~RegistryBase() = default;
    const char* _kind;
    Handle _base, _made = 0;
};

template <class T> class Registry final : public RegistryBase {
public:
    using RegistryBase::RegistryBase;

    Handle add(std::shared_ptr<T> item) {
        Handle handle = _base + ++_made * 16;
        _live.emplace(handle, std::move(item));
        return handle;
    }
    std::shared_ptr<T> find(Handle handle) const {
        auto found = _live.find(handle);
        return found == _live.end() ? nullptr : found->second;
    }
    std::shared_ptr<T> take(Handle handle) {
        auto found = _live.find(handle);
        if (found == _live.end()) return nullptr;
        std::shared_ptr<T> item = std::move(found->second);
        _live.erase(found);
        return item;
    }
    /// Whether the handle was once given out, so that its use now is a use after release.
    bool was_live(Handle handle) const { return handle > _base && handle <= _base + _made * 16 && handle % 16 == 0; }
    size_t count() const override { return _live.size(); }
    const std::unordered_map<Handle, std::shared_ptr<T>>& live() const { return _live; }

private:
    std::unordered_map<Handle, std::shared_ptr<T>> _live;
};

}
