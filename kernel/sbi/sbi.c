/* Finding the extension of a call and giving back its result (SBI v3.0, "Binary Encoding"). */
#include "kernel/sbi/sbi.h"

#include <stddef.h>

static const struct {
    unsigned long id;
    sbi_call_fn *call;
} extensions[] = {
    {SBI_TIME, sbi_time}, {SBI_IPI, sbi_ipi},   {SBI_RFENCE, sbi_rfence}, {SBI_BASE, sbi_base},
    {SBI_HSM, sbi_hsm},   {SBI_SRST, sbi_srst}, {SBI_DBCN, sbi_dbcn},     {SBI_FWFT, sbi_fwft},
};

static sbi_call_fn *find(unsigned long id) {
    for (size_t index = 0; index < sizeof extensions / sizeof extensions[0]; index++) {
        if (extensions[index].id == id) {
            return extensions[index].call;
        }
    }
    return nullptr;
}

bool sbi_has_extension(unsigned long extension) {
    return find(extension) != nullptr;
}

static void give_back(struct vcpu *vcpu, struct sbi_result result) {
    vcpu->context.x[REG_A0] = (unsigned long)result.error;
    vcpu->context.x[REG_A1] = result.value;
}

void sbi_call(struct vcpu *vcpu) {
    sbi_call_fn *call = find(vcpu->context.x[REG_A7]);
    vcpu->context.pc += SBI_ECALL_LENGTH;
    struct sbi_result result = call != nullptr ? call(vcpu, vcpu->context.x[REG_A6], &vcpu->context.x[REG_A0])
                                               : sbi_error(SBI_ERR_NOT_SUPPORTED);
    if (result.error != SBI_NO_RETURN) {
        give_back(vcpu, result);
    }
}

/* By name, not through the table, so that the compiler sees through. */

bool sbi_call_own(struct vcpu *vcpu, unsigned long function, unsigned long extension) {
    const unsigned long *arguments = &vcpu->context.x[REG_A0];
    if (extension == SBI_BASE) {
        give_back(vcpu, sbi_base(vcpu, function, arguments));
        return true;
    }
    if (extension == SBI_TIME) {
        vcpu->exits[EXIT_CALL]++; /* not so BASE, which is for a guest's first moments */
        give_back(vcpu, sbi_time(vcpu, function, arguments));
        return true;
    }
    return false;
}

bool sbi_call_fast(struct vcpu *vcpu, unsigned long function, unsigned long extension) {
    const unsigned long *arguments = &vcpu->context.x[REG_A0];
    if (extension == SBI_IPI) {
        give_back(vcpu, sbi_ipi(vcpu, function, arguments));
        return true;
    }
    if (extension == SBI_RFENCE) {
        give_back(vcpu, sbi_rfence(vcpu, function, arguments));
        return true;
    }
    return false;
}
