/*
 * The reader of the guest description: which guests there are and what each gets (docs/adr/0001-guest-manifest.md).
 *
 * The kernel reads it once at boot, after the image that holds it was verified; the packer reads back what it has
 * written. Every rule of the schema is checked here, and nowhere else. What is not in the schema is refused.
 */
#pragma once

#include "abi/manifest.h"
#include "abi/status.h"
#include "lib/fit/fit.h"
#include "lib/fit/fit_reason.h"

#include <stddef.h>
#include <stdint.h>

/* How a guest is confined. */
enum manifest_isolation {
    MANIFEST_ISOLATION_AUTO, /* whichever the machine is set to */
    MANIFEST_ISOLATION_PMP,
    MANIFEST_ISOLATION_GSTAGE,
};

/* When a guest starts again by itself. A reboot that it asks for itself is granted in any case. */
enum manifest_restart {
    MANIFEST_RESTARTS_NEVER,
    MANIFEST_RESTARTS_ON_CRASH,
    MANIFEST_RESTARTS_ALWAYS,
};

/* One guest. Strings are inside the description, which has to stay where it is, and end with a NUL there. */
struct manifest_guest {
    const char *name;     /* 1 to 15 of a-z 0-9 -, a letter first */
    const char *kernel;   /* name of a FIT image */
    const char *ramdisk;  /* name of a FIT image, or null */
    const char *bootargs; /* printable ASCII; "" where there are none */
    uint64_t memory;      /* bytes; not 0, a multiple of MANIFEST_MEMORY_ALIGN, at most MANIFEST_MEMORY_MAX */
    uint32_t vcpus;       /* 1 to MANIFEST_VCPUS_MAX */
    bool has_keyboard;    /* at most one guest */
    const char *hidden;   /* extensions, a NUL after each; see manifest_guest_hides() */
    size_t hidden_size;
    enum manifest_isolation isolation;
    bool has_ram_address;
    uint64_t ram_address; /* guest-physical; a multiple of MANIFEST_RAM_ADDRESS_ALIGN */
    enum manifest_restart restart;
    uint32_t backoff_ms;    /* before the first restart in a row; MANIFEST_BACKOFF_MIN_MS to _MAX_MS */
    uint32_t restart_limit; /* restarts in a row; 0: no limit */
    uint32_t watchdog_ms;   /* MANIFEST_WATCHDOG_MIN_MS to _MAX_MS; 0: none */

    uint32_t priority;       /* 1 to MANIFEST_PRIORITY_MAX; 0: none */
    uint32_t weight;         /* 1 to MANIFEST_WEIGHT_MAX; 0: none, and then it has a priority or a budget */
    uint32_t budget;         /* microseconds, MANIFEST_BUDGET_MIN to period; 0: no reservation */
    uint32_t period;         /* microseconds, MANIFEST_PERIOD_MIN to MANIFEST_PERIOD_MAX; 0: no reservation */
    const uint8_t *affinity; /* see manifest_guest_affinity() */
    uint32_t affinity_count; /* hart ids; 0: any hart will do */

    /* Set by manifest_bind(). */
    const struct fit_image *kernel_image;
    const struct fit_image *ramdisk_image; /* null where the guest has none */
};

struct manifest {
    size_t guest_count;  /* at least 1 */
    uint32_t vcpu_count; /* of all guests; at most MANIFEST_VCPUS_TOTAL_MAX */
    struct manifest_guest guests[MANIFEST_GUESTS_MAX];
};

/*
 * Reads the description in the `size` bytes at `blob`.
 *
 * STATUS_CORRUPT: not a device tree, or damaged; STATUS_INVALID: `blob` is not at an 8-byte boundary, or a guest breaks
 * a rule; STATUS_TOO_BIG: above the limits of abi/manifest.h; STATUS_UNSUPPORTED: another version, or a node or
 * property that this version does not know. On refusal *out_manifest is undefined.
 */
status_t manifest_read(const void *blob, size_t size, struct manifest *out_manifest, struct fit_reason *out_reason);

/*
 * Finds every guest's images in the FIT. STATUS_NOT_FOUND where there is none of that name, STATUS_INVALID where the
 * default configuration does not list it as loadable or it is the description itself.
 */
status_t manifest_bind(struct manifest *manifest, const struct fit *fit, struct fit_reason *out_reason);

/* The hart id at a position of the guest's affinity, below its affinity_count. */
uint32_t manifest_guest_affinity(const struct manifest_guest *guest, uint32_t position);

/* The isolation that a word means. STATUS_NOT_FOUND: none. */
status_t manifest_isolation_find(const char *word, enum manifest_isolation *out_isolation);

/* Whether the guest is not to see the ISA extension `name`, as riscv,isa-extensions spells it. */
bool manifest_guest_hides(const struct manifest_guest *guest, const char *name);
