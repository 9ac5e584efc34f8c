/* A log in memory, for tests. */
#pragma once

#include <cstdio>
#include <string>

extern "C" {
#include "tools/trace/trace_log.h"
}

/* Reads a log out of a text. */
class LogText {
  public:
    explicit LogText(std::string text) : text_(std::move(text)) {
        FILE *input = fmemopen(text_.data(), text_.size(), "r");
        status = trace_log_read(input, &log);
        fclose(input);
    }

    ~LogText() {
        if (status == STATUS_OK) {
            trace_log_free(&log);
        }
    }

    LogText(const LogText &) = delete;
    LogText &operator=(const LogText &) = delete;

    status_t status;
    struct trace_log log = {};

  private:
    std::string text_;
};

/* Calls a function with a file to write to, and returns what it wrote. */
template <typename Function> std::string Written(Function function) {
    char *text = nullptr;
    size_t size = 0;
    FILE *output = open_memstream(&text, &size);
    function(output);
    fclose(output);
    std::string result(text, size);
    free(text);
    return result;
}
