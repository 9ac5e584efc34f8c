/*
 * A hart of the build machine: a thread plus the registers that the kernel's contracts (kernel/arch/hart.h, context.h,
 * guest_memory.h) are about, as plain fields that a test sets and looks at.
 *
 * The clock stands still unless a test moves it. What never returns on a real hart ends the call of host_run that it
 * happened in.
 */
#pragma once

#include <stdint.h>

#include "kernel/arch/context.h"
#include "kernel/hart/hart.h"
#include "kernel/isolate/pmp.h"

/* mstatus fields of a guest (priv. spec 3.1.6): the numbers are the specification's. */
#define HOST_STATUS_SIE (1ul << 1)
#define HOST_STATUS_SPIE (1ul << 5)
#define HOST_STATUS_SPP (1ul << 8)
#define HOST_STATUS_MPP (3ul << 11)
#define HOST_STATUS_MPP_S (1ul << 11)
#define HOST_STATUS_FS (3ul << 13)
#define HOST_STATUS_SUM (1ul << 18)
#define HOST_STATUS_MXR (1ul << 19)
#define HOST_STATUS_TW (1ul << 21)
#define HOST_STATUS_SDT (1ul << 24)

/* What the second stage of a hart with H can do: Sv39x4. */
#define HOST_GSTAGE_MODES (1u << 8)

struct host_hart {
    /* What the hart turns out to have when it is probed. */
    uint32_t features;
    uint32_t pmp_count;
    uint32_t pmp_granule_bits;
    uint32_t gstage_modes;
    bool pmp_is_broken;  /* it does not keep what is written */
    paddr_t entry_base;  /* of what it has to execute on its way into a guest */
    uint64_t entry_size; /* 0: nothing */

    /* Interrupts for the kernel; atomic: devices of any thread set them. */
    uint32_t software;
    uint32_t external;
    uint64_t timer; /* mtimecmp */

    /* The registers of the live guest. */
    unsigned long sie;
    unsigned long mip;
    unsigned long stvec;
    unsigned long sscratch;
    unsigned long sepc;
    unsigned long scause;
    unsigned long stval;
    unsigned long satp;
    unsigned long scounteren;
    unsigned long senvcfg;
    uint64_t stimecmp;
    uint64_t f[32];
    unsigned long fcsr;
    struct pmp_layout pmp;
    unsigned gstage_mode;
    paddr_t gstage_root;

    unsigned long double_trap_cause; /* of the last double trap */

    /* What was in force when translations were last forgotten: those that the hart may have since go by that. */
    struct {
        unsigned long satp;
        struct pmp_layout pmp;
        unsigned gstage_mode;
        paddr_t gstage_root;
    } translated;

    /* What the kernel did; atomic counters. */
    uint32_t tlb_flushes;
    uint32_t fetch_flushes;
    uint32_t leftovers_cleared;
    uint32_t range_flushes;
    unsigned long flushed_satp;    /* satp as it was at the last flush of all */
    unsigned long flushed_address; /* of the last range */
    unsigned long flushed_size;
};

/* The registers of a hart; hart ids are below HART_MAX here. */
struct host_hart *host_hart_of(const struct hart *hart);

/* All registers of all harts as at reset: nothing pending, `features`, 16 PMP entries and, with H, a second stage to be
 * found. */
void host_harts_reset(uint32_t features);

/* This thread is that hart from now on. */
void host_hart_become(struct hart *hart);

/* The clock in ticks, and how far each look at it moves it on. */
void host_clock_set(uint64_t now);
void host_clock_set_step(uint64_t step);
uint64_t host_clock(void);

/* Whether a hart without work waits for the others' threads, instead of moving the clock to its own timer. */
void host_wait_for_threads(bool waits);

/* Where the kernel is said to lie. */
void host_kernel_place(uintptr_t start, uintptr_t end);

/* What arch_entropy gives: null for a hart without. */
void host_entropy_set(const uint8_t *bytes, uint32_t size);

enum host_end {
    HOST_RETURNED,
    HOST_ENTERED, /* arch_context_enter */
    HOST_HALTED,  /* arch_halt */
    HOST_SLEEPS,  /* arch_wait with nothing that could ever wake it */
};

/* Calls a function on this thread's hart; *out_context is the guest that it entered, else null. C++ objects of the
 * functions in between are not destroyed. Not nested. */
enum host_end host_run(void (*function)(void *argument), void *argument, struct context **out_context);
