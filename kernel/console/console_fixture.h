/*
 * A console with a UART of which a test sees every byte, and guests that print into it.
 */
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include "kernel/console/console.h"
}

/* Takes `room` bytes, then no more until the test makes new room. */
struct FakeUart {
    struct uart uart; /* first */
    std::string sent;
    std::deque<uint8_t> typed;
    size_t room = SIZE_MAX;
    size_t put_count = 0;
    bool tx_irq = false;
    bool rx_irq = false;
    std::function<void()> visitor; /* runs once, when a pump has found nothing more to do but still holds the lock */
    std::atomic<int> users = 0;
    std::atomic<bool> was_shared = false; /* two callers at once: the console's lock failed */

    FakeUart() {
        static const struct uart_ops ops = {TryPut, TryGet, EnableTx, EnableRx};
        uart = {&ops, true};
    }

    static FakeUart *Of(struct uart *uart) {
        return reinterpret_cast<FakeUart *>(uart);
    }

    static bool TryPut(struct uart *uart, uint8_t byte) {
        FakeUart *self = Of(uart);
        self->was_shared = self->was_shared || self->users.fetch_add(1) != 0;
        self->put_count++;
        bool taken = self->room > 0;
        if (taken) {
            self->room--;
            self->sent += static_cast<char>(byte);
        }
        self->users.fetch_sub(1);
        return taken;
    }

    static bool TryGet(struct uart *uart, uint8_t *out_byte) {
        FakeUart *self = Of(uart);
        if (self->typed.empty()) {
            return false;
        }
        *out_byte = self->typed.front();
        self->typed.pop_front();
        return true;
    }

    static void EnableTx(struct uart *uart, bool enabled) {
        Of(uart)->tx_irq = enabled;
        std::function<void()> visitor = std::exchange(Of(uart)->visitor, nullptr);
        if (visitor) {
            visitor();
        }
    }

    static void EnableRx(struct uart *uart, bool enabled) {
        Of(uart)->rx_irq = enabled;
    }
};

class ConsoleFixture : public testing::Test {
  public:
    static constexpr uint64_t SECOND = 10000000;
    static constexpr uint64_t PAUSE = SECOND / 20;
    static constexpr uint64_t POLL = SECOND / 1000 + 1;
    static constexpr unsigned PLENTY = 1000000;

    void Start(std::vector<std::string> names, unsigned columns = 0, bool colour = false) {
        log_init(&log, log_memory.data(), log_memory.size());
        struct console_config config = {&log, columns, colour, SECOND, GuestState, PowerOff, Command, NextLine, this};
        console = std::make_unique<struct console>();
        console_init(console.get(), &config);
        for (const std::string &name : names) {
            ports.push_back(std::make_unique<struct port>());
            port_init(ports.back().get(), name.c_str(), OnInput, this);
            ASSERT_EQ(console_add_port(console.get(), ports.back().get()), STATUS_OK);
        }
        console_attach_uart(console.get(), &uart.uart);
    }

    size_t Print(size_t guest, const std::string &bytes) {
        return port_write(ports[guest].get(), bytes.data(), bytes.size());
    }

    uint64_t Pump(unsigned budget = PLENTY) {
        return console_pump(console.get(), now, budget);
    }

    /* What the UART has sent since the last call. */
    std::string Sent() {
        return std::exchange(uart.sent, "");
    }

    /* Pumps and returns what was sent. */
    std::string Show() {
        (void)Pump();
        return Sent();
    }

    void Type(const std::string &keys) {
        for (char key : keys) {
            console_input(console.get(), static_cast<uint8_t>(key));
        }
    }

    std::string Read(size_t guest) {
        std::string keys(PORT_INPUT_SIZE, '\0');
        keys.resize(port_read(ports[guest].get(), keys.data(), keys.size()));
        return keys;
    }

    static const char *GuestState(void *, const struct port *) {
        return "running";
    }

    static void PowerOff(void *context) {
        static_cast<ConsoleFixture *>(context)->power_off_count++;
    }

    static void Command(void *context, enum keys_action action, const struct port *port) {
        static_cast<ConsoleFixture *>(context)->commands.emplace_back(action, port);
    }

    static bool NextLine(void *context, char *out_text) {
        auto &lines = static_cast<ConsoleFixture *>(context)->next_lines;
        if (lines.empty()) {
            return false;
        }
        std::snprintf(out_text, LOG_LINE_SIZE, "%s", lines.front().c_str());
        lines.pop_front();
        return true;
    }

    static void OnInput(struct port *port, void *context) {
        static_cast<ConsoleFixture *>(context)->woken.push_back(port->name);
    }

    FakeUart uart;
    std::vector<uint8_t> log_memory = std::vector<uint8_t>(LOG_SIZE);
    struct log log;
    std::unique_ptr<struct console> console;
    std::vector<std::unique_ptr<struct port>> ports;
    std::vector<std::string> woken;
    std::deque<std::string> next_lines;
    std::vector<std::pair<enum keys_action, const struct port *>> commands;
    int power_off_count = 0;
    uint64_t now = 1000 * SECOND;
};
