/*
 * Random calls, and what the SBI v3.0 text says that they may return. Values are biased to where checks go wrong: the
 * ends of ranges, wraps, what belongs to others.
 *
 * What would be legal and would end the run is not tried: a reset, and starts at any other place of the guest's own RAM
 * than its entry. What would be legal and is a flood is toned down: output comes from a text of one line.
 */
#include "tests/guests/chaos.h"

#define KERNEL 0x80000000ul
#define SUSPEND_NON_RETENTIVE 0x80000000ul

enum { TEXT_SIZE = 64, WRITE_MAX = 8, LONG_BITS = sizeof(unsigned long) * 8, RESET_TYPE_RESERVED = 0x10 };

static char text[TEXT_SIZE];

void chaos_prepare_text(void) {
    memset(text, '~', sizeof text);
    text[TEXT_SIZE - 1] = '\n';
}

typedef void choose_fn(struct call *call, struct random *random);

static choose_fn choose_base, choose_time, choose_ipi, choose_rfence, choose_hsm, choose_srst, choose_dbcn, choose_fwft;

static const struct {
    unsigned long id;
    choose_fn *choose;
} extensions[] = {
    {SBI_BASE, choose_base}, {SBI_TIME, choose_time}, {SBI_IPI, choose_ipi},   {SBI_RFENCE, choose_rfence},
    {SBI_HSM, choose_hsm},   {SBI_SRST, choose_srst}, {SBI_DBCN, choose_dbcn}, {SBI_FWFT, choose_fwft},
};

enum { EXTENSION_COUNT = sizeof extensions / sizeof extensions[0] };

static bool is_extension(unsigned long id) {
    for (size_t index = 0; index < EXTENSION_COUNT; index++) {
        if (extensions[index].id == id) {
            return true;
        }
    }
    return false;
}

static bool is_one_in(struct random *random, uint32_t count) {
    return random_below(random, count) == 0;
}

/* From the middle of `width` values up or down. */
static unsigned long near(struct random *random, unsigned long value, uint32_t width) {
    return value + random_below(random, width) - width / 2;
}

static unsigned long device(struct random *random) {
    static const unsigned long devices[] = {0x1000,     0x100000,   0x2000000, 0x200bff8,
                                            0x10000000, 0x10001000, 0xc000000, 0x20000000};
    return devices[random_below(random, sizeof devices / sizeof devices[0])];
}

static unsigned long nasty(struct random *random) {
    unsigned long end = machine.memory_base + machine.memory_size;
    switch (random_below(random, 12)) {
    case 0:
        return 0;
    case 1:
        return -1ul;
    case 2:
        return near(random, 1ul << random_below(random, LONG_BITS), 3);
    case 3:
        return near(random, machine.memory_base, 16);
    case 4:
        return near(random, end, 16);
    case 5:
        return machine.memory_base + random_long(random) % machine.memory_size;
    case 6:
        return near(random, KERNEL, 0x200000);
    case 7:
        return device(random);
    case 8:
        return random_below(random, 16);
    case 9:
        return -(unsigned long)random_below(random, 0x2000);
    case 10:
        return random_next(random);
    default:
        return random_long(random);
    }
}

/* Small more often than not. */
static unsigned long function_of(struct random *random, uint32_t count) {
    return is_one_in(random, 8) ? nasty(random) : random_below(random, count + 1);
}

static bool owns(unsigned long address, unsigned long size) {
    unsigned long offset = address - machine.memory_base;
    return address >= machine.memory_base && offset <= machine.memory_size && size <= machine.memory_size - offset;
}

static void allow(struct call *call, enum sbi_error error) {
    call->may_return |= CALL_ERROR(error);
}

static void choose_base(struct call *call, struct random *random) {
    call->function = function_of(random, 7);
    allow(call, call->function <= SBI_BASE_GET_MIMPID ? SBI_SUCCESS : SBI_ERR_NOT_SUPPORTED);
    if (is_one_in(random, 2)) {
        call->arguments[0] = extensions[random_below(random, EXTENSION_COUNT)].id;
    }
}

static void choose_time(struct call *call, struct random *random) {
    call->function = function_of(random, 1);
    allow(call, call->function == SBI_TIME_SET_TIMER ? SBI_SUCCESS : SBI_ERR_NOT_SUPPORTED);
    if (is_one_in(random, 2)) { /* so that something comes of it */
        uint64_t deadline = timer_now() + random_below(random, 1000);
        call->arguments[0] = (unsigned long)deadline;
        call->arguments[1] = (unsigned long)(deadline >> 32);
    }
}

/* Whether all harts of the mask are there. */
static bool are_harts(unsigned long mask, unsigned long base) {
    for (unsigned bit = 0; bit < LONG_BITS && base != -1ul; bit++) {
        if ((mask >> bit & 1) != 0 && (base >= machine.hart_count || bit >= machine.hart_count - base)) {
            return false;
        }
    }
    return true;
}

static void choose_harts(struct call *call, struct random *random) {
    if (!is_one_in(random, 3)) {
        call->arguments[0] = random_below(random, 1u << (machine.hart_count + 1));
        call->arguments[1] = random_below(random, 3) - 1ul;
    }
    allow(call, are_harts(call->arguments[0], call->arguments[1]) ? SBI_SUCCESS : SBI_ERR_INVALID_PARAM);
}

static void choose_ipi(struct call *call, struct random *random) {
    call->function = function_of(random, 1);
    if (call->function != SBI_IPI_SEND_IPI) {
        allow(call, SBI_ERR_NOT_SUPPORTED);
        return;
    }
    choose_harts(call, random);
}

static void choose_rfence(struct call *call, struct random *random) {
    call->function = function_of(random, 7);
    if (call->function > SBI_RFENCE_SFENCE_VMA_ASID) {
        allow(call, SBI_ERR_NOT_SUPPORTED); /* those of hypervisors, too */
        return;
    }
    choose_harts(call, random);
    unsigned long start = call->arguments[2];
    unsigned long size = call->arguments[3];
    if (call->function != SBI_RFENCE_FENCE_I && size != 0 && start + (size - 1) < start) {
        allow(call, SBI_ERR_INVALID_ADDRESS); /* "start_addr or size is not valid" */
    }
}

static bool can_start_at(unsigned long address) {
    return address % 2 == 0 && owns(address, 2);
}

static void choose_start(struct call *call, struct random *random) {
    if (!is_one_in(random, 4)) {
        call->arguments[0] = random_below(random, machine.hart_count + 1);
    }
    bool is_startable = is_one_in(random, 4) || can_start_at(call->arguments[1]);
    bool is_hart = call->arguments[0] < machine.hart_count;
    call->starts = is_startable && is_hart && call->arguments[0] != hart_self()->id;
    if (is_startable) {
        call->arguments[1] = hart_entry_address();
    }
    if (!is_startable) {
        allow(call, SBI_ERR_INVALID_ADDRESS);
    }
    if (is_hart) {
        allow(call, SBI_ERR_ALREADY_AVAILABLE);
    } else {
        allow(call, SBI_ERR_INVALID_PARAM);
    }
    if (call->starts) {
        allow(call, SBI_SUCCESS);
    }
}

/* hart 0 only does what is refused: somebody has to wake the others. */
static void choose_suspend(struct call *call, struct random *random) {
    if (is_one_in(random, 2)) {
        call->arguments[0] = is_one_in(random, 2) ? 0 : SUSPEND_NON_RETENTIVE;
    }
    uint32_t type = (uint32_t)call->arguments[0];
    bool is_type = type == 0 || type == SUSPEND_NON_RETENTIVE;
    if (is_type && hart_self()->id == 0) {
        call->arguments[0] = type + 1;
        is_type = false;
    }
    call->suspends = is_type && type != 0 && can_start_at(call->arguments[1]);
    if (!is_type) {
        allow(call, SBI_ERR_INVALID_PARAM);
    } else if (type == 0) {
        allow(call, SBI_SUCCESS);
    } else if (!call->suspends) {
        allow(call, SBI_ERR_INVALID_ADDRESS);
    }
}

static void choose_hsm(struct call *call, struct random *random) {
    call->function = function_of(random, 4);
    if (call->function == SBI_HSM_HART_STOP && hart_self()->id == 0) {
        call->function = SBI_HSM_HART_GET_STATUS;
    }
    switch (call->function) {
    case SBI_HSM_HART_START:
        choose_start(call, random);
        break;
    case SBI_HSM_HART_STOP:
        break; /* "not expected to return under normal conditions" */
    case SBI_HSM_HART_GET_STATUS:
        allow(call, call->arguments[0] < machine.hart_count ? SBI_SUCCESS : SBI_ERR_INVALID_PARAM);
        break;
    case SBI_HSM_HART_SUSPEND:
        choose_suspend(call, random);
        break;
    default:
        allow(call, SBI_ERR_NOT_SUPPORTED);
        break;
    }
}

static void choose_srst(struct call *call, struct random *random) {
    call->function = function_of(random, 1);
    bool is_reset = (uint32_t)call->arguments[0] <= SBI_WARM_REBOOT && (uint32_t)call->arguments[1] <= 1;
    if (is_reset) {
        call->arguments[0] |= RESET_TYPE_RESERVED;
    }
    allow(call, call->function == SBI_SRST_SYSTEM_RESET ? SBI_ERR_INVALID_PARAM : SBI_ERR_NOT_SUPPORTED);
}

static void choose_memory(struct call *call, struct random *random) {
    call->arguments[2] = is_one_in(random, 4) ? nasty(random) : 0;
    bool is_write = call->function == SBI_DBCN_WRITE;
    bool is_own = call->arguments[2] == 0 && owns(call->arguments[1], call->arguments[0]);
    if (is_write && (is_own || is_one_in(random, 16))) {
        call->arguments[0] = random_below(random, WRITE_MAX + 1);
        call->arguments[1] = (unsigned long)(uintptr_t)text + random_below(random, TEXT_SIZE - WRITE_MAX + 1);
        call->arguments[2] = 0;
        is_own = true;
    }
    allow(call, is_own ? SBI_SUCCESS : SBI_ERR_INVALID_PARAM);
    if (call->arguments[0] == 0) {
        call->may_return = CALL_ERROR(SBI_SUCCESS) | CALL_ERROR(SBI_ERR_INVALID_PARAM); /* nothing, from nowhere */
    }
}

static void choose_dbcn(struct call *call, struct random *random) {
    call->function = function_of(random, 3);
    switch (call->function) {
    case SBI_DBCN_WRITE:
    case SBI_DBCN_READ:
        choose_memory(call, random);
        break;
    case SBI_DBCN_WRITE_BYTE:
        call->arguments[0] = (call->arguments[0] & ~0xfful) | (unsigned char)text[random_below(random, TEXT_SIZE)];
        allow(call, SBI_SUCCESS);
        break;
    default:
        allow(call, SBI_ERR_NOT_SUPPORTED);
        break;
    }
}

/* DOUBLE_TRAP can be had on some harts; nothing else. */
static void choose_fwft(struct call *call, struct random *random) {
    call->function = function_of(random, 2);
    if (is_one_in(random, 2)) {
        call->arguments[0] = random_below(random, 8);
    }
    if (call->function > SBI_FWFT_GET) {
        allow(call, SBI_ERR_NOT_SUPPORTED);
        return;
    }
    call->may_return = CALL_ERROR(SBI_ERR_NOT_SUPPORTED) | CALL_ERROR(SBI_ERR_DENIED);
}

/* Legacy calls, extensions that others have, neighbours of ours. */
static void choose_unknown(struct call *call, struct random *random) {
    static const unsigned long others[] = {0,          1,          8,          0x504d55,   0x53555350, 0x43505043,
                                           0x4e41434c, 0x535441,   0x535345,   0x44425452, 0x4d505859, 0x0a000005,
                                           0x0a000000, 0x09000000, 0x08000000, 0x0c000000};
    switch (random_below(random, 3)) {
    case 0:
        call->extension = others[random_below(random, sizeof others / sizeof others[0])];
        break;
    case 1:
        call->extension = near(random, extensions[random_below(random, EXTENSION_COUNT)].id, 4);
        break;
    default:
        call->extension = nasty(random);
        break;
    }
    if (is_extension(call->extension)) {
        call->extension = 0;
    }
    call->function = function_of(random, 8);
    allow(call, SBI_ERR_NOT_SUPPORTED);
}

void chaos_choose(struct call *call, struct random *random) {
    uint32_t which = random_below(random, EXTENSION_COUNT + 1);
    *call = (struct call){0};
    for (size_t index = 0; index < SBI_ARGUMENT_COUNT; index++) {
        call->arguments[index] = nasty(random);
    }
    if (which < EXTENSION_COUNT) {
        call->extension = extensions[which].id;
        extensions[which].choose(call, random);
    } else {
        choose_unknown(call, random);
    }
}
