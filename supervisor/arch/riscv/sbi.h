/*
 * The calls of the Supervisor Binary Interface that the supervisor makes (RISC-V SBI specification, version 3.0). What
 * lies under it may be the Diosix kernel or any other SBI: nothing here asks for more than the specification grants.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SBI_EXTENSION_BASE 0x10
#define SBI_EXTENSION_TIME 0x54494d45
#define SBI_EXTENSION_RESET 0x53525354
#define SBI_EXTENSION_CONSOLE 0x4442434e

#define SBI_RESET_REASON_NONE 0
#define SBI_RESET_REASON_FAILURE 1

/* What the SBI says of itself. The version is major << 24 | minor. */
struct sbi_identity {
    unsigned long specification;
    unsigned long implementation;
    unsigned long version;
};

struct sbi_identity sbi_identify(void);
bool sbi_has_extension(unsigned long extension);

/* The timer interrupt becomes pending at `time`, in ticks of the time CSR; UINT64_MAX is never. */
void sbi_set_timer(uint64_t time);

/*
 * Debug console: `physical` is the address of bytes that the SBI can reach. Both return how many bytes were moved,
 * which may be fewer than asked for and is 0 after an error.
 */
unsigned long sbi_console_write(unsigned long physical, unsigned long size);
unsigned long sbi_console_read(unsigned long physical, unsigned long size);

/* Shuts the guest down; where the SBI cannot, the hart sleeps for ever. */
[[noreturn]] void sbi_shutdown(unsigned long reason);
