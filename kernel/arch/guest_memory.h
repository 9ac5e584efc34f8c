/*
 * Contract: the kernel's way to a guest's memory: as the guest itself, with its rights, so that neither a wrong address
 * nor a page table that changes meanwhile can reach what the guest could not. A fault comes back as a status.
 *
 * The context must be live on this hart.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "kernel/arch/context.h"
#include "lib/address.h"

/* Copies between the kernel and the guest's virtual memory with the rights of the mode the guest was in.
 * STATUS_FAULT: some byte is out of its reach, *out_cause is the exception cause and *out_address that byte's; bytes
 * before may have been copied. */
status_t arch_guest_read(const struct context *context, unsigned long address, void *out_bytes, size_t size,
                         unsigned long *out_cause, unsigned long *out_address);
status_t arch_guest_write(const struct context *context, unsigned long address, const void *bytes, size_t size,
                          unsigned long *out_cause, unsigned long *out_address);

/*
 * A look at the guest's page tables. From open to close the guest's own translation is off, and nothing else may reach
 * for its memory.
 */
struct arch_guest_tables {
    unsigned long satp;   /* the guest's */
    unsigned long rights; /* whatever else of its state its loads and stores depend on; for nothing but comparison */
    unsigned long mode;   /* for the architecture */
};
void arch_guest_tables_open(const struct context *context, struct arch_guest_tables *out_tables);
void arch_guest_tables_close(const struct arch_guest_tables *tables);

/* An entry, as wide as a register; its place is a multiple of that. */
struct arch_guest_entry {
    gpaddr_t place;
    unsigned long value;
};

/* Reads the value of an entry, in one access. STATUS_FAULT: its place is out of the guest's reach; or it reads as 0, as
 * beyond what a register can address. */
status_t arch_guest_tables_read(const struct arch_guest_tables *tables, struct arch_guest_entry *entry);

/* Reads that many entries, none of them 0, until one has not the value given; whether all had. */
bool arch_guest_tables_hold(const struct arch_guest_tables *tables, const struct arch_guest_entry *entries,
                            size_t count);

/* Reads the instruction at the guest's pc, 2 or 4 bytes; it need only be executable. STATUS_FAULT as above. */
status_t arch_guest_fetch(const struct context *context, uint32_t *out_instruction);

/* Copies between the kernel and guest-physical memory: no page table, but still only what the guest could reach.
 * STATUS_FAULT: out of its reach. */
status_t arch_guest_read_physical(const struct context *context, gpaddr_t address, void *out_bytes, size_t size);
status_t arch_guest_write_physical(const struct context *context, gpaddr_t address, const void *bytes, size_t size);
