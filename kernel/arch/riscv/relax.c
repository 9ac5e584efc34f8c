/* Waiting for another hart: the PAUSE hint of Zihintpause, which is a fence without effect on harts that do not know
 * it. */
#include "kernel/arch/relax.h"

void arch_relax(void) {
    __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010" : : : "memory");
}
