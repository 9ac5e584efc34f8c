/*
 * Addresses as types of their own, so that a guest's address cannot be used as the machine's by mistake.
 *
 * Both are 64 bits wide on rv32 too: Sv32 and Sv32x4 reach 34 bits of physical address (priv. spec, Sv32).
 */
#pragma once

#include <stdint.h>

/* A physical address of the machine, as the hart's PMP sees it. */
typedef struct {
    uint64_t value;
} paddr_t;

/* A physical address as a guest sees it. Equal to the machine's under the pmp backend, translated under gstage. */
typedef struct {
    uint64_t value;
} gpaddr_t;

static inline paddr_t paddr(uint64_t value) {
    paddr_t address = {value};
    return address;
}

static inline gpaddr_t gpaddr(uint64_t value) {
    gpaddr_t address = {value};
    return address;
}
