/*
 * PMP of the hart this code runs on (priv. spec, "Physical Memory Protection"; Smepmp). Guests' layouts are loaded by
 * arch_pmp_load (kernel/arch/hart.h).
 */
#pragma once

struct hart;

/* Finds out how many entries the hart has and how small a range they can tell apart. Switches those off that the kernel
 * does not use; if one of them stays on, the hart has none. */
void pmp_probe(struct hart *hart);

/* With Smepmp, keeps entries back for the kernel's own code, and returns true. */
bool pmp_reserve_kernel(struct hart *hart);

/* From here on the kernel executes its own code only, and cannot change it; for harts with HART_SMEPMP. */
void pmp_protect_kernel(struct hart *hart);
