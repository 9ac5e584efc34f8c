/*
 * The packer's options: from the command line, and from description files that it names.
 *
 * What an option says is checked for form only. Whether the guests make a manifest that the kernel takes is asked of
 * the kernel's own reader, once it is packed (tools/packer/pack.h), so that no rule stands in two places.
 */
#pragma once

#include "abi/manifest.h"
#include "lib/fit/fit_hash.h"
#include "tools/packer/refusal.h"

#include <stddef.h>
#include <stdint.h>

/* What a guest gets that does not ask: Debian's kernel with a small ramdisk needs 80 MiB. */
#define OPTIONS_MEMORY_DEFAULT (UINT64_C(128) << 20)

/* One --guest. Strings are on the heap; null where the option was not given. */
struct guest_options {
    char *name;    /* not null */
    char *kernel;  /* path; not null */
    char *ramdisk; /* path */
    char *bootargs;
    char *hidden; /* extensions as a FIT string list: NUL after each */
    size_t hidden_size;
    uint64_t memory;
    uint32_t vcpus;
    bool has_keyboard;
    uint32_t priority; /* 0 where the option was not given, as with the next three */
    uint32_t weight;
    uint32_t budget; /* microseconds */
    uint32_t period; /* microseconds */
    uint32_t affinity[MANIFEST_AFFINITY_MAX];
    uint32_t affinity_count;
    char *isolation; /* a word of abi/manifest.h */
    bool has_ram_address;
    uint64_t ram_address;
    char *restart;       /* as the description says it */
    uint32_t backoff_ms; /* 0 where the option was not given, as with the next two */
    uint32_t restart_limit;
    uint32_t watchdog_ms;
};

struct options {
    bool wants_help;
    char *output; /* path; null with --list and --help */
    char *list;   /* path, or null */
    enum fit_hash_kind hash;
    uint32_t timestamp; /* seconds since 1970 */
    unsigned xlen;
    size_t guest_count;
    struct guest_options guests[MANIFEST_GUESTS_MAX];
};

/*
 * Reads argv[1] on. `source_date_epoch` is that environment variable, or null. On failure nothing needs freeing.
 */
status_t options_parse(int argc, char *const argv[], const char *source_date_epoch, struct options *out_options,
                       struct refusal *out_refusal);

void options_free(struct options *options);

/* The text of --help. */
const char *options_help(void);
