/*
 * Every function of the SBI extensions that guests have, with good and bad arguments, held against the SBI v3.0 text.
 * Needs three harts or more. HSM stands in sbi_harts.c.
 */
#include "tests/guests/runtime/payload.h"

#include "tests/guests/sbi_harts.h"

enum {
    SPEC_VERSION_3_0 = 3 << 24,
    IMPL_ID_DIOSIX = 5,
    REG_A0 = 10,
    REG_A1 = 11,
    REG_A6 = 16,
    REG_A7 = 17,
    BURST = 6000, /* more than the console's ring holds */
    BURST_LINE = 100,
};

#define ABSENT_HART 1000ul

void sbi_call_registers(unsigned long *x);

static void check_error(struct sbi_result result, enum sbi_error expected, const char *what) {
    if (result.error == expected) {
        check(true, "%s", what);
    } else {
        check(false, "%s: error %ld instead of %d", what, result.error, expected);
    }
}

static void check_value(struct sbi_result result, unsigned long expected, const char *what) {
    check_error(result, SBI_SUCCESS, what);
    check_equal(result.value, expected, what);
}

static void check_probe(void) {
    static const unsigned long present[] = {SBI_BASE, SBI_TIME, SBI_IPI,  SBI_RFENCE,
                                            SBI_HSM,  SBI_SRST, SBI_DBCN, SBI_FWFT};
    for (size_t index = 0; index < sizeof present / sizeof present[0]; index++) {
        struct sbi_result result = SBI(SBI_BASE, SBI_BASE_PROBE_EXTENSION, present[index]);
        check(result.error == SBI_SUCCESS && result.value != 0, "extension 0x%lx is there", present[index]);
    }
    check_value(SBI(SBI_BASE, SBI_BASE_PROBE_EXTENSION, 0x12345678), 0, "an extension that is not there");
    for (unsigned long legacy = 0; legacy <= 8; legacy++) {
        check_value(SBI(SBI_BASE, SBI_BASE_PROBE_EXTENSION, legacy), 0, "no legacy extension");
    }
}

static void check_base(void) {
    check_value(SBI(SBI_BASE, SBI_BASE_GET_SPEC_VERSION), SPEC_VERSION_3_0, "get_spec_version");
    check_value(SBI(SBI_BASE, SBI_BASE_GET_IMPL_ID), IMPL_ID_DIOSIX, "get_impl_id");
    check_error(SBI(SBI_BASE, SBI_BASE_GET_IMPL_VERSION), SBI_SUCCESS, "get_impl_version");
    check_probe();
    check_error(SBI(SBI_BASE, SBI_BASE_GET_MVENDORID), SBI_SUCCESS, "get_mvendorid");
    check_error(SBI(SBI_BASE, SBI_BASE_GET_MARCHID), SBI_SUCCESS, "get_marchid");
    check_error(SBI(SBI_BASE, SBI_BASE_GET_MIMPID), SBI_SUCCESS, "get_mimpid");
    check_error(SBI(SBI_BASE, 7), SBI_ERR_NOT_SUPPORTED, "BASE has seven functions");
    check_error(SBI(0x12345678, 0), SBI_ERR_NOT_SUPPORTED, "a call of no extension");
    check_error(SBI(0, 'x'), SBI_ERR_NOT_SUPPORTED, "a legacy call");
}

static void check_fwft(void) {
    check_error(SBI(SBI_FWFT, 2), SBI_ERR_NOT_SUPPORTED, "FWFT has two functions");
    check_error(SBI(SBI_FWFT, SBI_FWFT_GET, SBI_FWFT_DOUBLE_TRAP), SBI_ERR_NOT_SUPPORTED, "a hart without Ssdbltrp");
    check_error(SBI(SBI_FWFT, SBI_FWFT_SET, 0, 1), SBI_ERR_NOT_SUPPORTED, "a feature that we do not have");
    check_error(SBI(SBI_FWFT, SBI_FWFT_SET, 6, 1), SBI_ERR_DENIED, "a reserved feature");
    check_error(SBI(SBI_FWFT, SBI_FWFT_GET, 0x80000000), SBI_ERR_DENIED, "a feature of no platform");
}

/* "All registers except a0 & a1 must be preserved across an SBI call by the callee." */
static void check_registers(unsigned long extension, unsigned long function, const char *what) {
    unsigned long x[32];
    unsigned changed = 0;
    for (unsigned index = 0; index < 32; index++) {
        x[index] = 0x1000 + index;
    }
    x[REG_A0] = 0;
    x[REG_A6] = function;
    x[REG_A7] = extension;
    sbi_call_registers(x);
    for (unsigned index = 1; index < 31; index++) {
        bool may_change = index == 2 || index == REG_A0 || index == REG_A1 || index == REG_A6 || index == REG_A7;
        changed += !may_change && x[index] != 0x1000 + index;
    }
    check_equal(changed, 0, what);
    check(x[REG_A6] == function && x[REG_A7] == extension && x[REG_A0] == SBI_SUCCESS, "and the call was carried out");
}

static bool is_pending(unsigned long interrupt) {
    return (csr_read(sip) & interrupt) != 0;
}

static void check_time(void) {
    check_error(SBI(SBI_TIME, SBI_TIME_SET_TIMER, 0, 0), SBI_SUCCESS, "set_timer to the past");
    check(is_pending(INTERRUPT_TIMER), "makes the timer interrupt pending");
    check_error(SBI(SBI_TIME, SBI_TIME_SET_TIMER, -1ul, -1ul), SBI_SUCCESS, "set_timer to infinity");
    check(!is_pending(INTERRUPT_TIMER), "clears it");
    check_error(SBI(SBI_TIME, 1), SBI_ERR_NOT_SUPPORTED, "TIME has one function");
}

static void check_ipi(void) {
    check_error(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1, 0), SBI_SUCCESS, "send_ipi to oneself");
    check(is_pending(INTERRUPT_SOFTWARE), "makes the software interrupt pending");
    csr_clear(sip, INTERRUPT_SOFTWARE);
    check(!is_pending(INTERRUPT_SOFTWARE), "which the hart clears itself");
    check_error(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 0, -1ul), SBI_SUCCESS, "send_ipi to all");
    check(is_pending(INTERRUPT_SOFTWARE), "means oneself, too");
    csr_clear(sip, INTERRUPT_SOFTWARE);
    check_error(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1, ABSENT_HART), SBI_ERR_INVALID_PARAM,
                "send_ipi to a hart that is not there");
    check_error(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1ul << machine.hart_count, 0), SBI_ERR_INVALID_PARAM,
                "or one behind the last");
    check_error(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1 | 1ul << machine.hart_count, 0), SBI_ERR_INVALID_PARAM,
                "or one and oneself");
    check(!is_pending(INTERRUPT_SOFTWARE), "which does nothing to oneself");
    check_error(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1ul << 3, -2ul), SBI_ERR_INVALID_PARAM,
                "send_ipi to a base that wraps around");
    check_error(SBI(SBI_IPI, 1), SBI_ERR_NOT_SUPPORTED, "IPI has one function");
}

static void check_rfence(void) {
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_FENCE_I, 1, 0), SBI_SUCCESS, "remote_fence_i of oneself");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_FENCE_I, 0, -1ul), SBI_SUCCESS, "of all, stopped harts among them");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_FENCE_I, 1, ABSENT_HART), SBI_ERR_INVALID_PARAM,
                "of a hart that is not there");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, 0, 0), SBI_SUCCESS,
                "remote_sfence_vma of all, by 0 and 0");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, 0, -1ul), SBI_SUCCESS, "by 0 and -1");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, 0x1000, 0x3000), SBI_SUCCESS, "of a range");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, 0x1001, 1), SBI_SUCCESS, "of a byte");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, -0x1000ul, 0x2000), SBI_ERR_INVALID_ADDRESS,
                "of a range that wraps");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, ABSENT_HART), SBI_ERR_INVALID_PARAM,
                "of a hart that is not there");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA_ASID, 1, 0, 0x1000, 0x1000, 1), SBI_SUCCESS,
                "remote_sfence_vma_asid");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA_ASID, 1, 0, -0x1000ul, 0x2000, 1), SBI_ERR_INVALID_ADDRESS,
                "that wraps");
    for (unsigned long hypervisor = 3; hypervisor <= 7; hypervisor++) {
        check_error(SBI(SBI_RFENCE, hypervisor, 1, 0), SBI_ERR_NOT_SUPPORTED, "no fences of hypervisors");
    }
}

static unsigned long count_failed_bytes(void) {
    unsigned long failed = 0;
    for (unsigned index = 1; index <= BURST; index++) {
        failed += SBI(SBI_DBCN, SBI_DBCN_WRITE_BYTE, index % BURST_LINE == 0 ? '\n' : '.').error != SBI_SUCCESS;
    }
    return failed;
}

static void check_dbcn(void) {
    static char text[] = "a line by DBCN\n";
    unsigned long at = (unsigned long)(uintptr_t)text;
    unsigned long end = machine.memory_base + machine.memory_size;
    check_value(SBI(SBI_DBCN, SBI_DBCN_WRITE, 0, at), 0, "write of nothing");
    check_value(SBI(SBI_DBCN, SBI_DBCN_WRITE, sizeof text - 1, at), sizeof text - 1, "write of a line");
    /* Behind the device tree, which has more room than it needs. */
    memcpy((char *)(uintptr_t)(end - sizeof text), text, sizeof text);
    check_value(SBI(SBI_DBCN, SBI_DBCN_WRITE, sizeof text - 1, end - sizeof text), sizeof text - 1, "from RAM's end");
    check_value(SBI(SBI_DBCN, SBI_DBCN_WRITE, 1, end - 1), 1, "write of its last byte");
    check_error(SBI(SBI_DBCN, SBI_DBCN_WRITE, 8, at, 1), SBI_ERR_INVALID_PARAM, "write from beyond the address space");
    check_error(SBI(SBI_DBCN, SBI_DBCN_WRITE, 8, end - 4), SBI_ERR_INVALID_PARAM, "write across the end of RAM");
    check_error(SBI(SBI_DBCN, SBI_DBCN_WRITE, 8, machine.memory_base - 4), SBI_ERR_INVALID_PARAM,
                "or across its start");
    check_error(SBI(SBI_DBCN, SBI_DBCN_WRITE, -1ul, at), SBI_ERR_INVALID_PARAM, "write of everything there is");
    check_value(SBI(SBI_DBCN, SBI_DBCN_READ, 0, at), 0, "read of nothing");
    check_value(SBI(SBI_DBCN, SBI_DBCN_READ, 8, at), 0, "read without a key");
    check_error(SBI(SBI_DBCN, SBI_DBCN_READ, 8, end - 4), SBI_ERR_INVALID_PARAM, "read across the end of RAM");
    check_error(SBI(SBI_DBCN, SBI_DBCN_READ, 8, at, 1), SBI_ERR_INVALID_PARAM, "read to beyond the address space");
    check_error(SBI(SBI_DBCN, SBI_DBCN_WRITE_BYTE, '\n'), SBI_SUCCESS, "write_byte");
    /* "This is a blocking SBI call and it will only return after writing the specified byte". */
    check_equal(count_failed_bytes(), 0, "write_byte waits until there is room");
    check_error(SBI(SBI_DBCN, 3), SBI_ERR_NOT_SUPPORTED, "DBCN has three functions");
}

/* Only what must be refused; "reserved or platform-specific and unimplemented" is INVALID_PARAM. Last, since what is
 * not refused ends the guest. */
static void check_srst(void) {
    check_error(SBI(SBI_SRST, 1), SBI_ERR_NOT_SUPPORTED, "SRST has one function");
    check_error(SBI(SBI_SRST, 0, 3, 0), SBI_ERR_INVALID_PARAM, "a reset type that is reserved");
    check_error(SBI(SBI_SRST, 0, 0xefffffff, 0), SBI_ERR_INVALID_PARAM, "the last of these");
    check_error(SBI(SBI_SRST, 0, 0xf0000000, 0), SBI_ERR_INVALID_PARAM, "a platform's own type");
    check_error(SBI(SBI_SRST, 0, 0, 2), SBI_ERR_INVALID_PARAM, "a reset reason that is reserved");
    check_error(SBI(SBI_SRST, 0, 0, 0xdfffffff), SBI_ERR_INVALID_PARAM, "the last of these");
    print("trying a platform's own reason");
    check_error(SBI(SBI_SRST, 0, 0, 0xf0000000), SBI_ERR_INVALID_PARAM, "a platform's own reason");
}

void payload_main(void) {
    check_base();
    check_fwft();
    check_registers(SBI_BASE, SBI_BASE_GET_IMPL_ID, "a short call keeps all registers");
    check_registers(SBI_HSM, SBI_HSM_HART_GET_STATUS, "a long call keeps all registers");
    check_time();
    check_ipi();
    check_rfence();
    sbi_check_harts();
    check_dbcn();
    check_srst();
}
