/*
 * The devices of a small machine on the build machine: CLINT, PLIC, ns16550a and a power switch behind the MMIO
 * contract. Their interrupts arrive at the harts of hart.h. A register access that hits none of them is counted, so
 * that tests see a kernel that goes astray.
 */
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

extern "C" {
#include "kernel/arch/host/hart.h"
#include "kernel/arch/host/mmio.h"
}

class Board {
  public:
    static constexpr uint64_t kClint = 0x2000000;
    static constexpr uint64_t kClintSize = 0x10000;
    static constexpr uint64_t kMtimecmp = kClint + 0x4000;
    static constexpr uint64_t kMtime = kClint + 0xbff8;
    static constexpr uint64_t kPlic = 0xc000000;
    static constexpr uint64_t kPlicSize = 0x600000;
    static constexpr uint64_t kPlicClaim = kPlic + 0x200004;
    static constexpr uint64_t kUart = 0x10000000;
    static constexpr uint32_t kUartIrq = 10;
    static constexpr uint64_t kFinisher = 0x100000;

    struct Write {
        uint64_t address;
        uint32_t value;
    };

    Board() {
        host_mmio_install(&model_);
    }

    ~Board() {
        host_mmio_install(nullptr);
    }

    Board(const Board &) = delete;
    Board &operator=(const Board &) = delete;

    /* What the UART has sent since the last call. */
    std::string Sent() {
        std::lock_guard<std::recursive_mutex> guard(mutex_);
        std::string text;
        text.swap(sent_);
        return text;
    }

    void Type(const std::string &keys) {
        std::lock_guard<std::recursive_mutex> guard(mutex_);
        typed_.insert(typed_.end(), keys.begin(), keys.end());
    }

    std::vector<Write> writes; /* to CLINT and PLIC, while is_recording */
    bool is_recording = false;
    uint32_t finisher = 0;
    uint32_t stray_count = 0;
    std::deque<uint32_t> claims; /* what the PLIC hands out next */

  private:
    static uint32_t Read(void *context, uint64_t address, unsigned) {
        return static_cast<Board *>(context)->ReadAt(address);
    }

    static void WriteHook(void *context, uint64_t address, unsigned, uint32_t value) {
        static_cast<Board *>(context)->WriteAt(address, value);
    }

    static struct host_hart *HartOf(uint64_t index) {
        struct hart hart = {};
        hart.id = index;
        return host_hart_of(&hart);
    }

    uint32_t ReadAt(uint64_t address) {
        std::lock_guard<std::recursive_mutex> guard(mutex_);
        if (address == kMtime || address == kMtime + 4) {
            return static_cast<uint32_t>(host_clock() >> (address == kMtime ? 0 : 32));
        }
        if (address == kPlicClaim) {
            return NextClaim();
        }
        if (address - kPlic < kPlicSize) {
            return 0;
        }
        if (address - kUart < 8) {
            return ReadUart(address - kUart);
        }
        stray_count++;
        return 0;
    }

    uint32_t NextClaim() {
        if (claims.empty()) {
            return 0;
        }
        uint32_t source = claims.front();
        claims.pop_front();
        if (claims.empty()) {
            __atomic_store_n(&HartOf(0)->external, 0, __ATOMIC_SEQ_CST);
        }
        return source;
    }

    uint32_t ReadUart(uint64_t index) {
        constexpr uint32_t kReady = 0x60;
        switch (index) {
        case 0: {
            uint32_t byte = typed_.empty() ? 0 : static_cast<uint8_t>(typed_.front());
            if (!typed_.empty()) {
                typed_.pop_front();
            }
            return byte;
        }
        case 2:
            return 0xc1;
        case 5:
            return kReady | (typed_.empty() ? 0 : 1);
        default:
            return 0;
        }
    }

    void WriteAt(uint64_t address, uint32_t value) {
        std::lock_guard<std::recursive_mutex> guard(mutex_);
        if (is_recording && address - kUart >= 8) {
            writes.push_back({address, value});
        }
        if (address - kClint < kClintSize) {
            WriteClint(address - kClint, value);
        } else if (address == kUart) {
            sent_ += static_cast<char>(value);
        } else if (address == kFinisher) {
            finisher = value;
        } else if (address - kUart >= 8 && address - kPlic >= kPlicSize) {
            stray_count++;
        }
    }

    void WriteClint(uint64_t offset, uint32_t value) {
        if (offset < HART_MAX * 4) {
            __atomic_store_n(&HartOf(offset / 4)->software, value & 1, __ATOMIC_SEQ_CST);
        } else if (offset - 0x4000 < HART_MAX * 8) {
            uint64_t *timer = &HartOf((offset - 0x4000) / 8)->timer;
            uint64_t shift = offset % 8 * 8;
            uint64_t kept = *timer & ~(uint64_t{UINT32_MAX} << shift);
            __atomic_store_n(timer, kept | uint64_t{value} << shift, __ATOMIC_SEQ_CST);
        } else {
            stray_count++;
        }
    }

    std::recursive_mutex mutex_;
    std::string sent_;
    std::deque<char> typed_;
    struct host_mmio model_ = {Read, WriteHook, this};
};
