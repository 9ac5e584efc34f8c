/* Interrupts between harts: the msip registers of a CLINT or ACLINT (RISC-V ACLINT spec, "MSWI"). */
#pragma once

#include "kernel/hart/hart.h"

/* Makes IRQ_SOFTWARE pending on a hart. What was written before is seen there. */
void ipi_send(struct hart *hart);

/* Takes back this hart's own. Events are to be looked at after it, so that none is missed. */
void ipi_clear(struct hart *hart);
