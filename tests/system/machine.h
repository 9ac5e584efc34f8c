/*
 * A machine of a platform, running: what it prints, what one types, how it ends. For tests, which say what they expect
 * in the order in which it has to come; no test waits for a fixed time.
 */
#pragma once

#include <gtest/gtest.h>

#include <sys/types.h>

#include <chrono>
#include <regex>
#include <string>
#include <vector>

class Machine {
  public:
    using Words = std::vector<std::string>;
    using Seconds = std::chrono::seconds;

    /* What the test rule was told: the platform's xlen, and where the file with that name is. */
    static int xlen();
    static std::string file(const std::string &name);

    /* Starts the platform; `words` go to its runner, behind "--" to QEMU. */
    explicit Machine(const Words &words = {});

    /* Ends it, if it has not ended. */
    ~Machine();

    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;

    /* Waits for a line, or the beginning of one, that has the expression (ECMAScript) in it, behind what was last
     * expected. */
    testing::AssertionResult expect(const std::string &expression);

    /* The same for several, whatever order they come in; the next expectation is about what follows the last of them.
     */
    testing::AssertionResult expect_all(const Words &expressions);

    void type(const std::string &text);

    /* Types Ctrl-], q, y. */
    void power_off();

    /* Waits until the machine is off: 0 for a power-off, the kernel's code after a failure. */
    testing::AssertionResult ends_with(int status);

    /* Everything up to now, without carriage returns. */
    const std::string &transcript() const {
        return transcript_;
    }

    /* What the parentheses of the last expect held. */
    const std::string &found(size_t group = 1) const {
        return found_.at(group);
    }

  private:
    using Clock = std::chrono::steady_clock;

    testing::AssertionResult wait_for(const std::string &expression, size_t begin, size_t *out_end);
    bool find(const std::regex &regex, size_t *begin, size_t *out_end);
    bool read_some(Clock::time_point deadline);
    testing::AssertionResult fail(const std::string &sentence) const;

    pid_t process_ = -1;
    int input_ = -1;
    int output_ = -1;
    size_t position_ = 0;
    std::string transcript_;
    std::vector<std::string> found_;
};
