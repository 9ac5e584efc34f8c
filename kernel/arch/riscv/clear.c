/*
 * Clearing memory: RAM of guests, before they get it. cbo.zero (CMO spec, Zicboz) clears a cache block without reading
 * it; M-mode may always use it. How long a block is stands in no register, so it is tried out.
 */
#include "kernel/arch/riscv/clear.h"

#include <stdalign.h>
#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/trap.h"

enum { BLOCK_SIZE_MIN = 16, BLOCK_SIZE_MAX = 256 };

/* By number: not in the base ISA that the kernel is compiled for. */
static inline void clear_block(void *block) {
    __asm__ volatile(".insn i 0x0f, 2, x0, %0, 4" : : "r"(block) : "memory");
}

uint32_t clear_probe(struct hart *hart) {
    alignas(BLOCK_SIZE_MAX) uint8_t space[2 * BLOCK_SIZE_MAX];
    uint32_t size = 0;
    memset(space, 0xff, sizeof space);
    if (!PROBE(hart, clear_block(space))) {
        return 0;
    }
    while (size < sizeof space && space[size] == 0) {
        size++;
    }
    bool is_usable = size >= BLOCK_SIZE_MIN && size <= BLOCK_SIZE_MAX && (size & (size - 1)) == 0;
    return is_usable ? size : 0;
}

void arch_clear(void *start, size_t size) {
    uint32_t block = arch_hart_self()->clear_block_size;
    uint8_t *at = start;
    uint8_t *end = at + size;
    if (block == 0 || size < 2 * block) {
        memset(at, 0, size);
        return;
    }
    size_t head = -(uintptr_t)at % block;
    memset(at, 0, head);
    at += head;
    while ((size_t)(end - at) >= 4 * block) {
        clear_block(at);
        clear_block(at + block);
        clear_block(at + 2 * block);
        clear_block(at + 3 * block);
        at += 4 * block;
    }
    memset(at, 0, (size_t)(end - at));
}
