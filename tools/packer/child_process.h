/*
 * For tests of programs: starts one, with or without a terminal, and collects what it prints.
 */
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

class ChildProcess {
  public:
    using Words = std::vector<std::string>;
    using Environment = std::map<std::string, std::string>;

    /* Standard input is empty; output and errors go to two pipes, or both to one terminal. */
    ChildProcess(const Words &words, const Environment &environment, bool has_terminal = false) {
        if (has_terminal) {
            struct winsize size = {};
            size.ws_row = 25;
            size.ws_col = 93;
            process_ = forkpty(&output_, nullptr, nullptr, &size);
            errors_ = -1;
        } else {
            int output_ends[2], error_ends[2];
            if (pipe2(output_ends, O_CLOEXEC) != 0 || pipe2(error_ends, O_CLOEXEC) != 0) {
                abort();
            }
            process_ = fork();
            if (process_ == 0) {
                dup2(open("/dev/null", O_RDONLY), 0);
                dup2(output_ends[1], 1);
                dup2(error_ends[1], 2);
            }
            close(output_ends[1]);
            close(error_ends[1]);
            output_ = output_ends[0];
            errors_ = error_ends[0];
        }
        if (process_ == 0) {
            execute(words, environment);
        }
    }

    ~ChildProcess() {
        close(output_);
        if (errors_ >= 0) {
            close(errors_);
        }
    }

    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;

    /* Reads output up to and with `text`; false where the output ends before. */
    bool read_until(const std::string &text) {
        while (output.find(text) == std::string::npos) {
            if (!read_some(output_, output)) {
                return false;
            }
        }
        return true;
    }

    void send_signal(int number) {
        kill(process_, number);
    }

    /* On the terminal. */
    void type(const std::string &text) {
        if (write(output_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            abort();
        }
    }

    struct termios terminal_state() const {
        struct termios state = {};
        tcgetattr(output_, &state);
        return state;
    }

    /* Reads everything and returns the exit status, or minus the signal that ended it. Little goes to the errors. */
    int finish() {
        while (read_some(output_, output)) {
        }
        while (errors_ >= 0 && read_some(errors_, errors)) {
        }
        int status = 0;
        waitpid(process_, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    std::string output;
    std::string errors;

  private:
    [[noreturn]] static void execute(const Words &words, const Environment &environment) {
        for (const auto &[name, value] : environment) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        std::vector<char *> argv;
        for (const std::string &word : words) {
            argv.push_back(const_cast<char *>(word.c_str()));
        }
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }

    static bool read_some(int file, std::string &text) {
        char piece[4096];
        ssize_t count = read(file, piece, sizeof(piece)); /* fails where the last one closed a terminal */
        if (count > 0) {
            text.append(piece, static_cast<size_t>(count));
        }
        return count > 0;
    }

    pid_t process_ = -1;
    int output_ = -1;
    int errors_ = -1;
};
