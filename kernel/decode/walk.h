/*
 * The address translation that a guest's own page tables make, in software: Sv32, Sv39, Sv48 and Sv57 (priv. spec,
 * "Virtual Address Translation Process" under Sv32, and the sections of the others).
 *
 * Trap-and-emulate uses it to find which device a guest touched, and everything that needs to know what a guest's
 * virtual address means. Page tables belong to the guest and may change while they are read: every PTE is read once,
 * through the caller, who reads as the guest may. Nothing is ever written. Whether A and D are set is not asked: what
 * is walked for has trapped behind its translation, so its hart has found them so (Svade), has set them (Svadu), or
 * would have if it looked at PMP last.
 *
 * Not covered: what is checked on the result (PMP, second stage), and pointer masking, which comes before.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"

/* A format of virtual memory: one row per value of satp.MODE. */
struct walk_scheme {
    const char *name;
    uint8_t xlen;
    uint8_t satp_mode;
    uint8_t levels;       /* 0: no translation */
    uint8_t index_bits;   /* of a virtual address, per level */
    uint8_t pte_size;     /* bytes */
    uint8_t address_bits; /* of a virtual address */
    uint8_t ppn_bits;
    uint64_t reserved; /* PTE bits that must be clear */
};

enum walk_access { WALK_LOAD, WALK_STORE, WALK_FETCH };

/* The state of the hart that a translation depends on. */
struct walk_context {
    const struct walk_scheme *scheme;
    gpaddr_t root;  /* of the root page table: satp.PPN as an address */
    bool is_user;   /* effective privilege U, else S */
    bool sum;       /* sstatus.SUM: S may load from and store to pages of U */
    bool mxr;       /* sstatus.MXR: loads may read executable pages */
    bool has_napot; /* Svnapot: the N bit means 64 KiB pages; else it is reserved */
    bool has_pbmt;  /* Svpbmt is on: memory types are fine; else they are reserved */
};

struct walk_result {
    gpaddr_t address;
    uint64_t page_size;
};

/*
 * Reads the PTE of size bytes (4 or 8) at an address, which is a multiple of size, in one access, zero-extended.
 * STATUS_FAULT: the guest cannot read there.
 */
typedef status_t walk_read(void *reader, gpaddr_t address, size_t size, uint64_t *out_pte);

/* The scheme that a satp of xlen 32 or 64 selects; null for a mode that is reserved. */
const struct walk_scheme *walk_scheme_of_satp(uint64_t satp, unsigned xlen);

/* The root page table that a satp names. */
gpaddr_t walk_root_of_satp(uint64_t satp, unsigned xlen);

/*
 * Translates a virtual address. STATUS_DENIED: a page fault. STATUS_FAULT, or whatever else read says: an access fault,
 * as a page table could not be read. STATUS_INVALID: without translation, an address beyond what the scheme can name.
 */
status_t walk_translate(const struct walk_context *context, uint64_t address, enum walk_access access, walk_read *read,
                        void *reader, struct walk_result *out_result);
