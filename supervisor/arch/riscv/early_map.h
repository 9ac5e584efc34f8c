/*
 * The first page table, built by start.S before translation is on. It maps the image with everything allowed and the
 * device tree read-only, and lives only until kernel_space.c has the real one.
 */
#pragma once

/* Called with translation off and at the load address. Returns the value for satp. Both addresses are physical. */
unsigned long early_map_build(unsigned long image, unsigned long device_tree);

/* The hart took no translation mode that this image has: says so and stops the guest. Called with translation off. */
[[noreturn]] void early_map_refuse(void);
