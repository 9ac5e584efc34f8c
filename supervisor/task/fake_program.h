// For tests of what a program can ask: a task with memory at known places, a keyboard, a screen and a clock.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "supervisor/mem/fake_memory.h"

extern "C" {
#include "supervisor/mem/access.h"
#include "supervisor/mem/user_copy.h"
#include "supervisor/task/task.h"
}

class FakeProgram : public testing::Test {
  protected:
    static constexpr unsigned long kLimit = 0x40000000;
    // Two pages to read and write, then one to read only, then nothing.
    static constexpr unsigned long kData = 0x20000;
    static constexpr unsigned long kReadOnly = kData + 0x2000;
    static constexpr unsigned long kNowhere = kData + 0x3000;
    static constexpr unsigned long kHeap = 0x30000;
    static constexpr unsigned long kCeiling = 0x30000000;

    FakeProgram() {
        EXPECT_EQ(page_table_init(&supervisor, &page_table_sv39, memory.interface()), STATUS_OK);
        memset(&process, 0, sizeof(process));
        EXPECT_EQ(address_space_init(&process.space, &supervisor, 0x10000, kLimit), STATUS_OK);
        EXPECT_EQ(address_space_map(&process.space, kData, 0x2000, ACCESS_READ | ACCESS_WRITE), STATUS_OK);
        EXPECT_EQ(address_space_map(&process.space, kReadOnly, 0x1000, ACCESS_READ), STATUS_OK);
        tty_init(&terminal, &device);
        random_init(&generator, reinterpret_cast<const uint8_t *>("0123456789abcdef0123456789abcdef"), 32, 0);
        process.services = &services;
        process.state = TASK_RUNNING;
        process.heap_start = process.heap_end = kHeap;
        process.mapping_ceiling = kCeiling;
        process.descriptors = 7;
        strcpy(process.name, "program");
    }

    ~FakeProgram() override {
        task_destroy(&process);
        EXPECT_EQ(memory.used(), 1u);
    }

    void Poke(unsigned long address, const void *bytes, size_t size) {
        ASSERT_EQ(user_copy_out(&process.space, address, bytes, size), STATUS_OK);
    }

    template <typename T> void Poke(unsigned long address, const T &value) {
        Poke(address, &value, sizeof(value));
    }

    template <typename T> T Peek(unsigned long address) {
        T value;
        EXPECT_EQ(user_copy_in(&process.space, &value, address, sizeof(value)), STATUS_OK);
        return value;
    }

    std::string PeekText(unsigned long address, size_t size) {
        std::string text(size, 0);
        EXPECT_EQ(user_copy_in(&process.space, text.data(), address, size), STATUS_OK);
        return text;
    }

    static void Write(void *context, const char *bytes, size_t size) {
        static_cast<FakeProgram *>(context)->screen.append(bytes, size);
    }

    static bool ReadByte(void *context, char *out_byte) {
        auto *self = static_cast<FakeProgram *>(context);
        *out_byte = self->keys.empty() ? '\x04' : self->keys[0];
        self->keys.erase(0, 1);
        return true;
    }

    static void Wait(void *) {
    }

    static uint64_t Now() {
        return 25000000;
    }

    FakeMemory memory{64};
    page_table supervisor;
    std::string keys, screen;
    tty_device device{this, Write, ReadByte, Wait};
    struct tty terminal;
    struct random generator;
    task_services services{&terminal, &generator, {Now, 10000000}};
    struct task process;
};
