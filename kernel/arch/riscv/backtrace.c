/* Frames of the RISC-V calling convention: s0 points behind a pair {caller's s0, return address}. start.S and trap.S
 * end the chain with 0. */
#include "kernel/arch/backtrace.h"

#include <stdint.h>

#include "kernel/arch/hart.h"
#include "kernel/hart/hart.h"

/* kernel.ld */
extern const char __image_start[];
extern const char __image_end[];

/* Within the hart's stack, where a frame can be; anything else ends the walk instead of trapping once more. */
static bool is_frame(unsigned long frame) {
    unsigned long top = arch_hart_self()->stack_top;
    return frame % sizeof(unsigned long) == 0 && frame <= top && frame > top - HART_STACK_SIZE;
}

size_t arch_backtrace(unsigned long frame, unsigned long *out_addresses, size_t capacity) {
    size_t count = 0;
    while (count < capacity && is_frame(frame)) {
        const unsigned long *behind = (const unsigned long *)frame;
        unsigned long caller = behind[-2];
        out_addresses[count++] = behind[-1];
        if (caller <= frame) {
            break;
        }
        frame = caller;
    }
    return count;
}

const void *arch_kernel_start(void) {
    return __image_start;
}

const void *arch_kernel_end(void) {
    return __image_end;
}
