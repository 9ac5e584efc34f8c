/* Interrupts of devices: the kernel's own UART is the only one. They come to the boot hart. */
#pragma once

/* Lets the UART interrupt, if the machine has a PLIC that connects it. */
void external_init(void);

/* Serves what is pending on this hart. */
void external_serve(void);
