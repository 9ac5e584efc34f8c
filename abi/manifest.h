/*
 * The guest manifest: names and limits of the guest description, the device tree blob inside a FIT that says which
 * guests there are (docs/adr/0001-guest-manifest.md, docs/manifest.md).
 *
 * The packer writes by this header and the kernel reads by it. A name, once released, keeps its meaning; a limit may
 * grow, never shrink.
 */
#pragma once

#include <stdint.h>

#define MANIFEST_COMPATIBLE "diosix,guests"
#define MANIFEST_VERSION 1u

/* Properties of the root node. */
#define MANIFEST_ROOT_COMPATIBLE "compatible"
#define MANIFEST_ROOT_VERSION "version"

/* Properties of a guest. */
#define MANIFEST_GUEST_KERNEL "kernel"                   /* string: a FIT image */
#define MANIFEST_GUEST_RAMDISK "ramdisk"                 /* string: a FIT image; optional */
#define MANIFEST_GUEST_BOOTARGS "bootargs"               /* string, printable ASCII; optional */
#define MANIFEST_GUEST_MEMORY "memory"                   /* u64: bytes, a multiple of MANIFEST_MEMORY_ALIGN */
#define MANIFEST_GUEST_VCPUS "vcpus"                     /* u32; optional, 1 */
#define MANIFEST_GUEST_KEYBOARD "keyboard"               /* flag: at most one guest */
#define MANIFEST_GUEST_HIDE_EXTENSIONS "hide-extensions" /* string list; optional */
#define MANIFEST_GUEST_ISOLATION "isolation"             /* string: one of the three below; optional, auto */
#define MANIFEST_GUEST_RAM_ADDRESS "ram-address"         /* u64: a multiple of MANIFEST_RAM_ADDRESS_ALIGN; optional */

#define MANIFEST_ISOLATION_WORD_AUTO "auto"              /* as the boot arguments say */
#define MANIFEST_ISOLATION_WORD_PMP "pmp"                /* by PMP alone */
#define MANIFEST_ISOLATION_WORD_GSTAGE "gstage"          /* by a second stage of translation */
#define MANIFEST_GUEST_RESTART "restart"                 /* string: one of the three below; optional, never */
#define MANIFEST_GUEST_RESTART_BACKOFF "restart-backoff" /* u32: ms; optional, MANIFEST_BACKOFF_DEFAULT_MS */
#define MANIFEST_GUEST_RESTART_LIMIT "restart-limit"     /* u32: restarts in a row, above 0; optional, no limit */
#define MANIFEST_GUEST_WATCHDOG "watchdog"               /* u32: ms; optional, none */

#define MANIFEST_RESTART_NEVER "never"       /* only when it asks for a reboot */
#define MANIFEST_RESTART_ON_CRASH "on-crash" /* and after a crash */
#define MANIFEST_RESTART_ALWAYS "always"     /* and after a shutdown */

/* Scheduling, of each of the guest's vcpus (docs/scheduling.md); all optional. */
#define MANIFEST_GUEST_PRIORITY "priority" /* u32: 1 to MANIFEST_PRIORITY_MAX; not together with weight */
#define MANIFEST_GUEST_WEIGHT "weight"     /* u32: 1 to MANIFEST_WEIGHT_MAX */
#define MANIFEST_GUEST_BUDGET "budget"     /* u32: microseconds of every period; together with period */
#define MANIFEST_GUEST_PERIOD "period"     /* u32: microseconds */
#define MANIFEST_GUEST_AFFINITY "affinity" /* u32 list: ids of the harts that may run it */

/* Properties whose names start so are for other tools; the kernel does not look at them. */
#define MANIFEST_FOREIGN_PREFIX "x-"

/* Limits. They size the kernel's tables, so that reading a manifest allocates nothing. */
enum : uint32_t {
    /* Guests: each has a line in the console's menu and a row in the kernel's tables. */
    MANIFEST_GUESTS_MAX = 16,
    /* Virtual harts of one guest: as many as the most harts that the kernel runs on. */
    MANIFEST_VCPUS_MAX = 64,
    /* Virtual harts of all guests together: each owns a stack-sized save area in the kernel. */
    MANIFEST_VCPUS_TOTAL_MAX = 256,
    /* A guest's name with its NUL: fits a console tag, and leaves 64 columns of an 80-column line to the guest. */
    MANIFEST_GUEST_NAME_SIZE = 16,
    /* A FIT image's name with its NUL. */
    MANIFEST_IMAGE_NAME_SIZE = 32,
    /* Images of a FIT: two per guest, the description, and seven for what a boot loader wants in the same file. */
    MANIFEST_IMAGES_MAX = 40,
    /* bootargs with their NUL: Linux' COMMAND_LINE_SIZE on RISC-V; more would be cut off there without a word. */
    MANIFEST_BOOTARGS_SIZE = 1024,
    /* Entries of hide-extensions, and the size of one with its NUL: above anything that the ISA manual names. */
    MANIFEST_HIDDEN_EXTENSIONS_MAX = 32,
    MANIFEST_EXTENSION_NAME_SIZE = 32,
    /* Priorities: a bit each in a word. */
    MANIFEST_PRIORITY_MAX = 31,
    /* Weights: what can be told apart with slices of milliseconds; and that of a guest that does not say how it is
     * scheduled. */
    MANIFEST_WEIGHT_MAX = 1000,
    MANIFEST_WEIGHT_DEFAULT = 100,
    /* Reservations: shorter ones would cost more in switches than they promise; after a second nobody waits. */
    MANIFEST_BUDGET_MIN = 100,
    MANIFEST_PERIOD_MIN = 1000,
    MANIFEST_PERIOD_MAX = 1000000,
    /* Entries of affinity: as many as the most harts that the kernel runs on. */
    MANIFEST_AFFINITY_MAX = 64,
    /* The wait before a restart: never so short that a guest that resets in a loop fills the log. */
    MANIFEST_BACKOFF_MIN_MS = 10,
    MANIFEST_BACKOFF_DEFAULT_MS = 100,
    /* What doubling it ends at: a guest that was repaired from outside is back within a minute. */
    MANIFEST_BACKOFF_MAX_MS = 60 * 1000,
    /* A watchdog's period: the kernel looks every 100 ms; a day is for ever. */
    MANIFEST_WATCHDOG_MIN_MS = 200,
    MANIFEST_WATCHDOG_MAX_MS = 24 * 60 * 60 * 1000,
    /* The granule of guest RAM: one page, which is what every backend can fence off. */
    MANIFEST_MEMORY_ALIGN = 4096,
    /* Where a guest's RAM may start: what the Linux boot protocol asks for on rv32, and twice that on rv64. */
    MANIFEST_RAM_ADDRESS_ALIGN = 4 * 1024 * 1024,
    /* The guest description: sixteen guests with the longest bootargs and lists take 40 KiB. */
    MANIFEST_DESCRIPTION_SIZE_MAX = 64 * 1024,
    /* The tree of a FIT, data apart: forty images with two hashes each take 16 KiB, signatures and keys a few more. */
    MANIFEST_FIT_TREE_SIZE_MAX = 256 * 1024,
};

/* The largest guest RAM: no machine has more than 56 bits of physical address, and so no end of a region wraps. */
#define MANIFEST_MEMORY_MAX (UINT64_C(1) << 55)

/* The last place for it to start at; no end of a region wraps here either. */
#define MANIFEST_RAM_ADDRESS_MAX (UINT64_C(1) << 55)
