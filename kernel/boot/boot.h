/* The boot of the machine, from the first instruction of C to the first guest. */
#pragma once

struct hart;

/* The boot hart, on the boot stack. */
[[noreturn]] void boot_main(unsigned long hart_id, const void *fdt);

/* Every other hart, on its own stack. */
[[noreturn]] void boot_join(void);

/* Null, or the harts that may leave start.S, ended by a null pointer. Assembly reads it. */
extern struct hart *const *boot_harts;
