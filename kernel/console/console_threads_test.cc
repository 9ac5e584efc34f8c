/*
 * console, several harts at once: nothing is lost, nothing waits for a wake-up that does not come, and only one uses
 * the UART at a time.
 */
#include <map>
#include <sstream>
#include <thread>

#include "kernel/console/console_fixture.h"

namespace {

constexpr int LINE_COUNT = 300;

class ConsoleThreads : public ConsoleFixture {
  protected:
    /* As a guest does: offers bytes until they are taken, and the hart pumps after each. */
    void PrintAll(size_t guest, const std::string &bytes) {
        for (size_t done = 0; done < bytes.size();) {
            size_t size = std::min<size_t>(bytes.size() - done, 1 + done % 90);
            size_t taken = port_write(ports[guest].get(), bytes.data() + done, size);
            done += taken;
            (void)Pump();
            if (taken == 0) {
                std::this_thread::yield();
            }
        }
    }
};

} // namespace

TEST_F(ConsoleThreads, EverythingIsShownWhenTheLastPumpReturns) {
    Start({"a", "b", "c"});
    std::vector<std::thread> threads;
    for (size_t guest = 0; guest < 3; guest++) {
        threads.emplace_back([this, guest] {
            for (int index = 0; index < LINE_COUNT; index++) {
                PrintAll(guest, "line " + std::to_string(index) + "\n");
            }
        });
    }
    threads.emplace_back([this] {
        for (int index = 0; index < LINE_COUNT; index++) {
            log_print(&log, "kernel %d", index);
            (void)Pump();
        }
    });
    threads.emplace_back([this] {
        for (int index = 0; index < LINE_COUNT; index++) {
            console_input(console.get(), 'k');
            (void)Pump();
        }
    });
    for (auto &thread : threads) {
        thread.join();
    }
    EXPECT_FALSE(uart.was_shared);
    std::map<std::string, int> next;
    std::istringstream rows(Sent());
    for (std::string row; std::getline(rows, row);) {
        size_t space = row.find_last_of(' ');
        ASSERT_EQ(row.back(), '\r') << row;
        EXPECT_EQ(std::stoi(row.substr(space + 1)), next[row.substr(0, space)]++) << row;
    }
    EXPECT_EQ(
        next,
        (std::map<std::string, int>{
            {"[a] line", LINE_COUNT}, {"[b] line", LINE_COUNT}, {"[c] line", LINE_COUNT}, {"kernel", LINE_COUNT}}));
}

TEST_F(ConsoleThreads, SmallBudgetsLeaveADeadlineBehind) {
    Start({"a", "b"});
    std::vector<std::thread> threads;
    for (size_t guest = 0; guest < 2; guest++) {
        threads.emplace_back([this, guest] {
            uint64_t deadline = UINT64_MAX;
            for (int index = 0; index < LINE_COUNT; index++) {
                std::string line = "line " + std::to_string(index) + "\n";
                for (size_t done = 0; done < line.size();) {
                    done += port_write(ports[guest].get(), line.data() + done, line.size() - done);
                    deadline = console_pump(console.get(), now, 7);
                }
            }
            while (deadline != UINT64_MAX) {
                deadline = console_pump(console.get(), now, 7);
            }
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    std::string text = Sent();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2 * LINE_COUNT);
}
