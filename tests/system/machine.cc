/* The process behind a machine, two pipes, and looking for lines in what comes out of one of them. */
#include "tests/system/machine.h"

#include "tests/system/arguments.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace {

/* Nothing takes near as long; build machines that are busy do. */
constexpr Machine::Seconds patience{120};
constexpr Machine::Seconds patience_at_end{10};

/* Enough for all but floods. */
constexpr size_t transcript_shown = 64 * 1024;

[[noreturn]] void execute(const Machine::Words &words) {
    std::vector<char *> argv;
    for (const std::string &word : words) {
        argv.push_back(const_cast<char *>(word.c_str()));
    }
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
}

int remaining_ms(std::chrono::steady_clock::time_point deadline) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<long long>(left.count(), 0));
}

} // namespace

int Machine::xlen() {
    return test_arguments().xlen;
}

std::string Machine::file(const std::string &name) {
    for (const std::string &path : test_arguments().files) {
        if (path.substr(path.rfind('/') + 1) == name) {
            return path;
        }
    }
    ADD_FAILURE() << "the test rule names no file " << name;
    return name;
}

Machine::Machine(const Words &words) {
    Words command = {test_arguments().machine};
    command.insert(command.end(), words.begin(), words.end());
    int input_ends[2], output_ends[2];
    if (pipe2(input_ends, O_CLOEXEC) != 0 || pipe2(output_ends, O_CLOEXEC) != 0) {
        abort();
    }
    process_ = fork();
    if (process_ == 0) {
        setpgid(0, 0);
        dup2(input_ends[0], 0);
        dup2(output_ends[1], 1);
        dup2(output_ends[1], 2);
        execute(command);
    }
    close(input_ends[0]);
    close(output_ends[1]);
    input_ = input_ends[1];
    output_ = output_ends[0];
}

Machine::~Machine() {
    if (process_ > 0) {
        kill(process_, SIGTERM); /* the runner ends QEMU and tidies up */
        Clock::time_point deadline = Clock::now() + patience_at_end;
        while (read_some(deadline)) {
        }
        kill(-process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    close(input_);
    close(output_);
}

/* False at the end of the output, or of the time. */
bool Machine::read_some(Clock::time_point deadline) {
    struct pollfd poll_output = {.fd = output_, .events = POLLIN, .revents = 0};
    char piece[4096];
    if (poll(&poll_output, 1, remaining_ms(deadline)) <= 0) {
        return false;
    }
    ssize_t size = read(output_, piece, sizeof(piece));
    if (size <= 0) {
        return false;
    }
    std::copy_if(piece, piece + size, std::back_inserter(transcript_), [](char byte) { return byte != '\r'; });
    return true;
}

/* Line by line: library regular expressions recurse over what they look at. What is not found is not looked at again,
 * but for the last line. */
bool Machine::find(const std::regex &regex, size_t *begin, size_t *out_end) {
    for (;;) {
        size_t end = transcript_.find('\n', *begin);
        std::smatch match;
        const std::string line = transcript_.substr(*begin, end - *begin);
        if (std::regex_search(line, match, regex)) {
            found_.assign(match.begin(), match.end());
            *out_end = *begin + static_cast<size_t>(match.position() + match.length());
            return true;
        }
        if (end == std::string::npos) {
            return false;
        }
        *begin = end + 1;
    }
}

testing::AssertionResult Machine::fail(const std::string &sentence) const {
    const size_t shown = std::min(transcript_.size(), transcript_shown);
    return testing::AssertionFailure() << sentence << "; the last " << shown << " bytes of what came:\n"
                                       << transcript_.substr(transcript_.size() - shown);
}

testing::AssertionResult Machine::wait_for(const std::string &expression, size_t begin, size_t *out_end) {
    const std::regex regex(expression);
    Clock::time_point deadline = Clock::now() + patience;
    while (!find(regex, &begin, out_end)) {
        if (!read_some(deadline)) {
            return fail("no line has /" + expression + "/");
        }
    }
    return testing::AssertionSuccess();
}

testing::AssertionResult Machine::expect(const std::string &expression) {
    return wait_for(expression, position_, &position_);
}

testing::AssertionResult Machine::expect_all(const Words &expressions) {
    size_t last = position_;
    for (const std::string &expression : expressions) {
        size_t end;
        testing::AssertionResult result = wait_for(expression, position_, &end);
        if (!result) {
            return result;
        }
        last = std::max(last, end);
    }
    position_ = last;
    return testing::AssertionSuccess();
}

void Machine::type(const std::string &text) {
    if (write(input_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        ADD_FAILURE() << "the machine does not take what is typed";
    }
}

void Machine::power_off() {
    type("\x1dqy");
}

testing::AssertionResult Machine::ends_with(int status) {
    Clock::time_point deadline = Clock::now() + patience;
    while (read_some(deadline)) {
    }
    if (Clock::now() >= deadline) {
        return fail("the machine does not end");
    }
    int seen = 0;
    waitpid(process_, &seen, 0);
    process_ = -1;
    if (!WIFEXITED(seen) || WEXITSTATUS(seen) != status) {
        return fail("the machine ended with wait status " + std::to_string(seen) + " instead of exit status " +
                    std::to_string(status));
    }
    return testing::AssertionSuccess();
}
