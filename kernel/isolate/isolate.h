/*
 * How a guest is confined to its RAM: one interface, two backends (docs/isolation.md).
 *
 * `pmp`: the guest sees the machine's physical addresses, and PMP grants its one piece of RAM and nothing else (priv.
 * spec 3.7.1). `gstage`: a second stage of translation puts RAM, in pieces from anywhere, where the guest wants it, and
 * PMP grants the same pieces, so that either alone would confine it. M-mode, and so the kernel, is bound by neither;
 * guest memory is still only reached as the guest (arch/guest_memory.h), except while no vcpu of it runs.
 *
 * An isolation is open (mapped) while its guest may run. It is opened and closed by whoever has the guest alone; the
 * harts notice by its epoch.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "kernel/hart/hart.h"
#include "kernel/isolate/gstage.h"
#include "kernel/isolate/pmp.h"
#include "lib/address.h"
#include "lib/manifest/manifest.h"

struct isolate_backend;

/* Pieces of RAM of one guest: of 16 PMP entries, two for tables and the way into the guest and two for each piece. */
enum { ISOLATION_PIECES_MAX = 7 };

struct isolation {
    const struct isolate_backend *backend;
    uint32_t owner; /* of its RAM (mem/memory.h) */
    gpaddr_t base;  /* of its RAM as the guest sees it */
    uint64_t size;
    struct gstage_range pieces[ISOLATION_PIECES_MAX]; /* ascending, one behind the other as the guest sees them */
    uint32_t piece_count;
    struct gstage gstage; /* of gstage only: its tables */
    struct pmp_layout pmp;
    uint32_t epoch; /* atomic: counts every opening and closing */
};

/* What all harts can do, and what the boot arguments want (isolation=pmp, gstage or auto); refuses what they cannot.
 * Once, when the harts are known. */
void isolate_init(void);

/* The backend of guests whose description does not say, for people: "pmp (16 entries)". */
const char *isolate_default_text(void);

/* "pmp" or "gstage". */
const char *isolate_name(const struct isolation *isolation);

/*
 * Gets RAM for a guest as its description says, and works out its confinement; it is closed. Any status but STATUS_OK:
 * *out_sentence says what is missing (RAM, PMP entries, two-stage translation), and nothing is held. It stays valid
 * until the next call. Boot hart only.
 */
status_t isolate_create(struct isolation *isolation, const struct manifest_guest *guest, uint32_t owner,
                        const char **out_sentence);

/* Gives everything back. No hart may have it. */
void isolate_destroy(struct isolation *isolation);

/* Lets the guest have its RAM, or takes it away. No vcpu of it may be on a hart. */
void isolate_open(struct isolation *isolation);
void isolate_close(struct isolation *isolation);

/* Confines this hart to a guest; before its vcpu runs. If that changes anything, the TLB has no owner any more, and has
 * to be flushed when the vcpu's registers are there, too: translations of before would let it through. */
void isolate_activate(struct hart *hart, const struct isolation *isolation);

/* This hart lets go of a guest, if it has it: nothing of it is reachable from here or left in the TLB afterwards. */
void isolate_leave(struct hart *hart, const struct isolation *isolation);

/* Where the machine has an address of the guest's RAM, and how many bytes go on from there in one piece. False: not its
 * RAM. */
bool isolate_translate(const struct isolation *isolation, gpaddr_t address, paddr_t *out_address, uint64_t *out_left);

/* For the loader, while the isolation is closed: bytes into the guest's RAM, or zeroes. All of it is the guest's. The
 * hart lets go of the guest first, if it still has it: what PMP grants to a guest, M-mode may not have (Smepmp). */
void isolate_write(const struct isolation *isolation, gpaddr_t address, const void *bytes, uint64_t size);
void isolate_clear(const struct isolation *isolation, gpaddr_t address, uint64_t size);
