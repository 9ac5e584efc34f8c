// Pages for tests: struct page_memory over an array, with counts and a record of the fences.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

extern "C" {
#include "supervisor/mem/page_memory.h"
}

class FakeMemory {
  public:
    explicit FakeMemory(size_t pages) : bytes_(pages * PAGE_SIZE, 0xa5) {
        for (size_t i = pages; i-- > 0;) {
            free_.push_back(paddr(kBase + i * PAGE_SIZE));
        }
    }

    const page_memory *interface() const {
        return &interface_;
    }

    void *At(paddr_t page) {
        EXPECT_GE(page.value, kBase);
        EXPECT_LE(page.value + PAGE_SIZE, kBase + bytes_.size());
        return bytes_.data() + (page.value - kBase);
    }

    size_t used() const {
        return used_.size();
    }

    std::vector<uint64_t> fences;
    int code_fences = 0;

  private:
    static constexpr uint64_t kBase = 0x80000000;

    static status_t Allocate(void *context, paddr_t *out_page) {
        auto *self = static_cast<FakeMemory *>(context);
        if (self->free_.empty()) {
            return STATUS_NO_MEMORY;
        }
        *out_page = self->free_.back();
        self->free_.pop_back();
        self->used_.insert(out_page->value);
        memset(self->At(*out_page), 0, PAGE_SIZE);
        return STATUS_OK;
    }

    static void Release(void *context, paddr_t page) {
        auto *self = static_cast<FakeMemory *>(context);
        EXPECT_EQ(self->used_.erase(page.value), 1u) << "released twice, or never allocated";
        memset(self->At(page), 0xa5, PAGE_SIZE);
        self->free_.push_back(page);
    }

    static void *AtPage(void *context, paddr_t page) {
        return static_cast<FakeMemory *>(context)->At(page);
    }

    static void Fence(void *context, uint64_t address) {
        static_cast<FakeMemory *>(context)->fences.push_back(address);
    }

    static void FenceCode(void *context) {
        static_cast<FakeMemory *>(context)->code_fences++;
    }

    std::vector<uint8_t> bytes_;
    std::vector<paddr_t> free_;
    std::set<uint64_t> used_;
    page_memory interface_{this, Allocate, Release, AtPage, Fence, FenceCode};
};
