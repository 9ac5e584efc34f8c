/*
 * Contract: what the portable kernel asks of the hart it runs on.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "kernel/isolate/pmp.h"
#include "lib/address.h"

struct context;
struct hart;

/* The hart this code runs on. */
struct hart *arch_hart_self(void);

/* Finds out what this hart has (struct hart's features, pmp_first, pmp_count, pmp_granule_bits, gstage_modes), by
 * trying. */
void arch_hart_probe(struct hart *hart);

/* Sets what guests may do without asking, once per hart: trap delegation, counters, interrupts for the kernel. Where
 * the hart can, the kernel is from then on held to its own code, too. */
void arch_hart_prepare(struct hart *hart);

/* A place in the kernel that a hart has to be able to execute from, and nothing else, on its way into a guest; false:
 * it needs none. */
bool arch_entry_code(const struct hart *hart, paddr_t *out_base, uint64_t *out_size);

/* Ends what walks of page tables there are under the layout before, puts another one into the PMP of this hart, and
 * reads back all that it wrote. STATUS_CORRUPT: the hart did not take it.
 * The TLB may have old verdicts in it until arch_tlb_flush, which the caller owes before it enters a guest. */
status_t arch_pmp_load(struct hart *hart, const struct pmp_layout *layout);

/* The same by a short way that is open on most harts between most guests, if there is no second stage to load either.
 * False: it is not, or the hart did not take it, and arch_pmp_load has to tell. */
bool arch_pmp_exchange(struct hart *hart, const struct pmp_layout *layout);

/* Lets this hart translate guest-physical addresses by the tables at a root, or, with mode 0, not at all. The mode is
 * one of its gstage_modes. STATUS_CORRUPT: the hart did not take it. All translations are forgotten. */
status_t arch_gstage_load(const struct hart *hart, unsigned mode, paddr_t root);

/* Forgets all address translations that the live guest has made on this hart. */
void arch_tlb_flush(void);

/* Takes from this hart what its last vcpu may have left in it and no context has: address translations, as
 * arch_tlb_flush, a load reservation, and what harts have that guests are not given and cannot be kept from. */
void arch_leftovers_clear(void);

/* Forgets the translations of the pages that [address, address + size) touches, in all address spaces. size is not 0.
 */
void arch_tlb_flush_range(unsigned long address, unsigned long size);

/* Fills [start, start + size) of RAM with zeros, by whole cache blocks where the hart can (Zicboz). */
void arch_clear(void *start, size_t size);

/* Makes this hart fetch instructions as memory has them now. */
void arch_fetch_flush(void);

/* Sleeps until an interrupt for the kernel is pending (it is not taken). May return early. */
void arch_wait(void);

/* Interrupts for the kernel that are pending on this hart. */
enum {
    IRQ_SOFTWARE = 1u << 3,
    IRQ_TIMER = 1u << 7,
    IRQ_EXTERNAL = 1u << 11,
};
unsigned long arch_irq_pending(void);

/* The time of the machine in ticks; the hart must have HART_TIME. */
uint64_t arch_time(void);

/* A number that no other boot is likely to see, where the hart has one (Zkr). False: it has none. */
bool arch_entropy(const struct hart *hart, uint8_t *out_bytes, uint32_t size);

/* Goes to the guest and stays there until its next trap. */
[[noreturn]] void arch_context_enter(struct context *context);

/* Stops this hart for good. */
[[noreturn]] void arch_halt(void);
