/*
 * Contract: what a hart does while it waits for another (kernel/sync). Each architecture implements it.
 */
#pragma once

/* Lets a hart that spins leave the shared resources to the others for a moment; a hint without other effect. */
void arch_relax(void);
