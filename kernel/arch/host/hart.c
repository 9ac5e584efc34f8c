/* The hart contract on the build machine (kernel/arch/hart.h), and arch/backtrace.h, which says nothing here. */
#include "kernel/arch/host/hart.h"

#include <sched.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/arch/backtrace.h"
#include "kernel/arch/hart.h"

static struct host_hart host_harts[HART_MAX];
static _Thread_local struct hart *self;

static struct {
    uint64_t now;  /* atomic */
    uint64_t step; /* atomic */
    bool waits_for_threads;
} host_time;

static struct {
    uintptr_t start;
    uintptr_t end;
} kernel_place;

static struct {
    const uint8_t *bytes;
    uint32_t size;
} entropy_source;

/* The call of host_run that this thread is in. */
static _Thread_local struct {
    jmp_buf buffer;
    bool is_running;
    struct context *entered;
} call;

struct host_hart *host_hart_of(const struct hart *hart) {
    if (hart->id >= HART_MAX) {
        fprintf(stderr, "hart id %lu is not one of the build machine's\n", hart->id);
        abort();
    }
    return &host_harts[hart->id];
}

void host_harts_reset(uint32_t features) {
    memset(host_harts, 0, sizeof host_harts);
    for (unsigned id = 0; id < HART_MAX; id++) {
        host_harts[id].features = features;
        host_harts[id].pmp_count = PMP_ENTRY_COUNT;
        host_harts[id].pmp_granule_bits = 2;
        host_harts[id].gstage_modes = features & HART_H ? HOST_GSTAGE_MODES : 0;
        host_harts[id].timer = UINT64_MAX;
        host_harts[id].stimecmp = UINT64_MAX;
    }
    entropy_source.bytes = nullptr;
    host_clock_set_step(0);
    host_wait_for_threads(false);
}

void host_hart_become(struct hart *hart) {
    self = hart;
}

void host_clock_set(uint64_t now) {
    __atomic_store_n(&host_time.now, now, __ATOMIC_SEQ_CST);
}

void host_clock_set_step(uint64_t step) {
    __atomic_store_n(&host_time.step, step, __ATOMIC_SEQ_CST);
}

uint64_t host_clock(void) {
    uint64_t step = __atomic_load_n(&host_time.step, __ATOMIC_SEQ_CST);
    return __atomic_fetch_add(&host_time.now, step, __ATOMIC_SEQ_CST);
}

void host_wait_for_threads(bool waits) {
    __atomic_store_n(&host_time.waits_for_threads, waits, __ATOMIC_SEQ_CST);
}

void host_kernel_place(uintptr_t start, uintptr_t end) {
    kernel_place.start = start;
    kernel_place.end = end;
}

void host_entropy_set(const uint8_t *bytes, uint32_t size) {
    entropy_source.bytes = bytes;
    entropy_source.size = size;
}

enum host_end host_run(void (*function)(void *argument), void *argument, struct context **out_context) {
    *out_context = nullptr;
    call.is_running = true;
    call.entered = nullptr;
    int end = setjmp(call.buffer);
    if (end == HOST_RETURNED) {
        function(argument);
    }
    call.is_running = false;
    *out_context = call.entered;
    return (enum host_end)end;
}

[[noreturn]] static void end_call(enum host_end end) {
    if (!call.is_running) {
        fprintf(stderr, "the kernel does not return here, and the test is not in host_run\n");
        abort();
    }
    longjmp(call.buffer, end);
}

struct hart *arch_hart_self(void) {
    return self;
}

void arch_hart_probe(struct hart *hart) {
    const struct host_hart *registers = host_hart_of(hart);
    hart->features = registers->features;
    hart->pmp_count = registers->pmp_count;
    hart->pmp_granule_bits = registers->pmp_granule_bits;
    hart->gstage_modes = registers->gstage_modes;
}

void arch_hart_prepare(struct hart *) {
}

bool arch_entry_code(const struct hart *hart, paddr_t *out_base, uint64_t *out_size) {
    const struct host_hart *registers = host_hart_of(hart);
    *out_base = registers->entry_base;
    *out_size = registers->entry_size;
    return registers->entry_size != 0;
}

status_t arch_pmp_load(struct hart *hart, const struct pmp_layout *layout) {
    struct host_hart *registers = host_hart_of(hart);
    if (layout->count > hart->pmp_count || registers->pmp_is_broken) {
        return STATUS_CORRUPT;
    }
    registers->pmp = *layout;
    return STATUS_OK;
}

bool arch_pmp_exchange(struct hart *, const struct pmp_layout *) {
    return false;
}

static void forget_translations(struct host_hart *registers) {
    registers->translated.satp = registers->satp;
    registers->translated.pmp = registers->pmp;
    registers->translated.gstage_mode = registers->gstage_mode;
    registers->translated.gstage_root = registers->gstage_root;
}

status_t arch_gstage_load(const struct hart *hart, unsigned mode, paddr_t root) {
    struct host_hart *registers = host_hart_of(hart);
    if (mode != 0 && (hart->gstage_modes >> mode & 1) == 0) {
        return STATUS_CORRUPT;
    }
    registers->gstage_mode = mode;
    registers->gstage_root = root;
    forget_translations(registers);
    return STATUS_OK;
}

void arch_tlb_flush(void) {
    struct host_hart *registers = host_hart_of(self);
    forget_translations(registers);
    registers->flushed_satp = registers->satp;
    __atomic_add_fetch(&registers->tlb_flushes, 1, __ATOMIC_SEQ_CST);
}

void arch_leftovers_clear(void) {
    arch_tlb_flush();
    __atomic_add_fetch(&host_hart_of(self)->leftovers_cleared, 1, __ATOMIC_SEQ_CST);
}

void arch_tlb_flush_range(unsigned long address, unsigned long size) {
    struct host_hart *registers = host_hart_of(self);
    registers->flushed_address = address;
    registers->flushed_size = size;
    __atomic_add_fetch(&registers->range_flushes, 1, __ATOMIC_SEQ_CST);
}

void arch_clear(void *start, size_t size) {
    memset(start, 0, size);
}

void arch_fetch_flush(void) {
    __atomic_add_fetch(&host_hart_of(self)->fetch_flushes, 1, __ATOMIC_SEQ_CST);
}

void arch_wait(void) {
    uint64_t timer = __atomic_load_n(&host_hart_of(self)->timer, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&host_time.waits_for_threads, __ATOMIC_SEQ_CST)) {
        (void)sched_yield();
    } else if (timer == UINT64_MAX) {
        end_call(HOST_SLEEPS);
    } else {
        host_clock_set(timer);
    }
}

unsigned long arch_irq_pending(void) {
    struct host_hart *registers = host_hart_of(self);
    unsigned long pending = 0;
    if (__atomic_load_n(&registers->software, __ATOMIC_SEQ_CST) != 0) {
        pending |= IRQ_SOFTWARE;
    }
    if (__atomic_load_n(&registers->external, __ATOMIC_SEQ_CST) != 0) {
        pending |= IRQ_EXTERNAL;
    }
    if (__atomic_load_n(&host_time.now, __ATOMIC_SEQ_CST) >= __atomic_load_n(&registers->timer, __ATOMIC_SEQ_CST)) {
        pending |= IRQ_TIMER;
    }
    return pending;
}

uint64_t arch_time(void) {
    return host_clock();
}

bool arch_entropy(const struct hart *hart, uint8_t *out_bytes, uint32_t size) {
    if (!hart_has(hart, HART_ENTROPY) || entropy_source.bytes == nullptr || size > entropy_source.size) {
        return false;
    }
    memcpy(out_bytes, entropy_source.bytes, size);
    return true;
}

void arch_context_enter(struct context *context) {
    call.entered = context;
    end_call(HOST_ENTERED);
}

void arch_halt(void) {
    end_call(HOST_HALTED);
}

size_t arch_backtrace(unsigned long, unsigned long *, size_t) {
    return 0;
}

const void *arch_kernel_start(void) {
    return (const void *)kernel_place.start;
}

const void *arch_kernel_end(void) {
    return (const void *)kernel_place.end;
}
