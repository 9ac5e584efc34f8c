/*
 * trace: shows a trace of the kernel that is in a saved console log (docs/tracing.md).
 *
 * Exit status: 2 for options that make no sense, 1 for files that do, 0 for success.
 */
#include "tools/trace/output.h"
#include "tools/trace/trace_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_BAD_INPUT = 1, EXIT_BAD_OPTIONS = 2 };

static const char help[] = "usage: trace [--json] [FILE]\n"
                           "\n"
                           "Prints the last trace that is in a saved console log; without FILE, in what is typed in.\n"
                           "\n"
                           "  --json   Chrome's trace event format, for ui.perfetto.dev, instead of text\n"
                           "  --help   this text\n";

struct options {
    bool is_json;
    bool wants_help;
    const char *path; /* null: standard input */
};

static bool parse_options(int argc, char *const argv[], struct options *options) {
    for (int index = 1; index < argc; index++) {
        if (strcmp(argv[index], "--json") == 0) {
            options->is_json = true;
        } else if (strcmp(argv[index], "--help") == 0) {
            options->wants_help = true;
        } else if (argv[index][0] != '-' && options->path == nullptr) {
            options->path = argv[index];
        } else {
            fprintf(stderr, "error: %s: there is no such option (--help lists them)\n", argv[index]);
            return false;
        }
    }
    return true;
}

static int show(const struct options *options, FILE *input) {
    struct trace_log log;
    status_t status = trace_log_read(input, &log);
    if (status == STATUS_OK) {
        if (options->is_json) {
            status = output_json(&log, stdout);
        } else {
            output_text(&log, stdout);
        }
        trace_log_free(&log);
    }
    if (status != STATUS_OK) {
        const char *what = status == STATUS_NOT_FOUND     ? "there is no trace in it"
                           : status == STATUS_UNSUPPORTED ? "its trace is of another version"
                                                          : status_text(status);
        fprintf(stderr, "error: %s: %s\n", options->path != nullptr ? options->path : "standard input", what);
        return EXIT_BAD_INPUT;
    }
    return ferror(stdout) != 0 || fflush(stdout) != 0 ? EXIT_BAD_INPUT : EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
    struct options options = {};
    if (!parse_options(argc, argv, &options)) {
        return EXIT_BAD_OPTIONS;
    }
    if (options.wants_help) {
        fputs(help, stdout);
        return EXIT_SUCCESS;
    }
    FILE *input = options.path != nullptr ? fopen(options.path, "r") : stdin;
    if (input == nullptr) {
        fprintf(stderr, "error: %s: %s\n", options.path, strerror(errno));
        return EXIT_BAD_INPUT;
    }
    int result = show(&options, input);
    if (options.path != nullptr) {
        fclose(input);
    }
    return result;
}
