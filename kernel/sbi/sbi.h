/*
 * The Supervisor Binary Interface as guests see it (RISC-V SBI specification v3.0): one file per extension, one table
 * (sbi.c) that finds it. Hart ids are the guest's own, 0 to n-1.
 *
 * Every call decodes and checks all its arguments before it changes anything.
 */
#pragma once

#include <stdint.h>

#include "kernel/guest/vcpu.h"

/* SBI v3.0, "Binary Encoding", table of standard errors. */
enum sbi_error {
    SBI_SUCCESS = 0,
    SBI_ERR_FAILED = -1,
    SBI_ERR_NOT_SUPPORTED = -2,
    SBI_ERR_INVALID_PARAM = -3,
    SBI_ERR_DENIED = -4,
    SBI_ERR_INVALID_ADDRESS = -5,
    SBI_ERR_ALREADY_AVAILABLE = -6,
    SBI_ERR_ALREADY_STARTED = -7,
    SBI_ERR_ALREADY_STOPPED = -8,
    SBI_ERR_DENIED_LOCKED = -14,
};

enum sbi_extension_id {
    SBI_BASE = 0x10,
    SBI_TIME = 0x54494d45,
    SBI_IPI = 0x735049,
    SBI_RFENCE = 0x52464e43,
    SBI_HSM = 0x48534d,
    SBI_SRST = 0x53525354,
    SBI_DBCN = 0x4442434e,
    SBI_FWFT = 0x46574654,
};

/* Not an error of SBI's, which are never positive: the call does not return. a0, a1 and pc are what it made them, or
 * the vcpu does not go on. */
enum { SBI_NO_RETURN = 1 };

enum { SBI_ECALL_LENGTH = 4 }; /* bytes */

/* What a call gives back in a0 and a1. */
struct sbi_result {
    long error; /* enum sbi_error, or SBI_NO_RETURN */
    unsigned long value;
};

/* A call of one extension: the function id in a6, the arguments a0 to a5. */
typedef struct sbi_result sbi_call_fn(struct vcpu *vcpu, unsigned long function, const unsigned long *arguments);

sbi_call_fn sbi_base;
sbi_call_fn sbi_time;
sbi_call_fn sbi_ipi;
sbi_call_fn sbi_rfence;
sbi_call_fn sbi_hsm;
sbi_call_fn sbi_srst;
sbi_call_fn sbi_dbcn;
sbi_call_fn sbi_fwft;

/* Whether guests have an extension. */
bool sbi_has_extension(unsigned long extension);

/* Carries out the call that the vcpu, live on this hart, makes with its registers a0 to a7, and steps over the ecall.
 */
void sbi_call(struct vcpu *vcpu);

/* The same for calls that always return and need no more of the vcpu than a0 to a7, of which the last two are given:
 * first those that concern nobody but the vcpu, then those to other vcpus. False: not one of those, nothing was done.
 * They do not step over the ecall. */
bool sbi_call_own(struct vcpu *vcpu, unsigned long function, unsigned long extension);
bool sbi_call_fast(struct vcpu *vcpu, unsigned long function, unsigned long extension);

static inline struct sbi_result sbi_error(enum sbi_error error) {
    return (struct sbi_result){.error = error, .value = 0};
}

static inline struct sbi_result sbi_value(unsigned long value) {
    return (struct sbi_result){.error = SBI_SUCCESS, .value = value};
}

static inline struct sbi_result sbi_no_return(void) {
    return (struct sbi_result){.error = SBI_NO_RETURN, .value = 0};
}

/* The guest makes the call again when it goes on. */
static inline struct sbi_result sbi_again(struct vcpu *vcpu) {
    vcpu->context.pc -= SBI_ECALL_LENGTH;
    return sbi_no_return();
}
