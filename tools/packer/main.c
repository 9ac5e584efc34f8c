/*
 * The packer: makes the guest manifest from people's files, or lists one. See --help, and docs/manifest.md.
 *
 * Exit status: 2 for options that make no sense, 1 for files that do, 0 for success.
 */
#include "tools/packer/contents.h"
#include "tools/packer/file.h"
#include "tools/packer/options.h"
#include "tools/packer/pack.h"
#include "tools/packer/refusal.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_BAD_INPUT = 1, EXIT_BAD_OPTIONS = 2 };

static status_t run_list(const char *path, struct refusal *out_refusal) {
    struct buffer fit;
    status_t status = file_read(path, &fit, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    struct contents contents;
    status = contents_read(path, &fit, &contents, out_refusal);
    if (status == STATUS_OK) {
        contents_print(&contents, stdout);
    }
    buffer_free(&fit);
    return status;
}

static status_t run_pack(const struct options *options, struct refusal *out_refusal) {
    struct buffer fit;
    status_t status = pack(options, &fit, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    status = file_write(options->output, &fit, out_refusal);
    buffer_free(&fit);
    return status;
}

static status_t run(const struct options *options, struct refusal *out_refusal) {
    if (options->wants_help) {
        fputs(options_help(), stdout);
        return STATUS_OK;
    }
    if (options->list != nullptr) {
        return run_list(options->list, out_refusal);
    }
    return run_pack(options, out_refusal);
}

int main(int argc, char *argv[]) {
    struct options options;
    struct refusal refusal;
    if (options_parse(argc, argv, getenv("SOURCE_DATE_EPOCH"), &options, &refusal) != STATUS_OK) {
        fprintf(stderr, "error: %s (--help lists the options)\n", refusal.text);
        return EXIT_BAD_OPTIONS;
    }
    status_t status = run(&options, &refusal);
    options_free(&options);
    if (status != STATUS_OK) {
        fprintf(stderr, "error: %s\n", refusal.text);
        return EXIT_BAD_INPUT;
    }
    return EXIT_SUCCESS;
}
