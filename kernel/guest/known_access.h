/*
 * What the kernel last worked out about a load or a store of the emulated UART, and what it worked it out from.
 *
 * Where a virtual address leads is a function of the guest's satp, its rights and the PTEs on the way; what an
 * instruction does is one of its bits. All of those are read anew for each access. As long as they are what they were,
 * so is the result, and that is what this holds; nothing in it is ever true by itself.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/arch/guest_memory.h"
#include "kernel/decode/insn.h"

enum { KNOWN_ENTRIES_MAX = 5 }; /* levels of page tables */

struct known_access {
    /* So many PTEs, from the root on, map this virtual page to the UART's; 0: nothing is known. */
    size_t count;
    unsigned long satp;
    unsigned long rights;
    unsigned long page;

    /* What this instruction does; as long as it is 0, no access. */
    uint32_t instruction;
    uint32_t registers; /* that it names, bit n for x[n] */
    bool is_for_uart;   /* it loads (known_load) or stores (known_store) a byte, from or to an integer register */
    struct insn_access access;
    struct insn_place place; /* of loads and stores */

    struct arch_guest_entry entries[KNOWN_ENTRIES_MAX];
};
