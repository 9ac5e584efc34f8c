/* arch_relax on the build machine, where there may be fewer processors than threads: the waiting one steps aside. */
#include "kernel/arch/relax.h"

#include <sched.h>

void arch_relax(void) {
    (void)sched_yield();
}
