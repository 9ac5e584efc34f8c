/*
 * RFENCE: fences on other harts of the guest (SBI v3.0, "RFENCE Extension"). The call returns when every target that is
 * running has done it; one that is not will have before it runs again.
 */
#include "kernel/arch/hart.h"
#include "kernel/sbi/sbi.h"
#include "kernel/sbi/targets.h"

enum {
    REMOTE_FENCE_I = 0,
    REMOTE_SFENCE_VMA = 1,
    REMOTE_SFENCE_VMA_ASID = 2,
    /* 3 to 6 are for guests that are hypervisors themselves. */
};

/* Above this many bytes, flushing everything is cheaper. */
enum { RANGE_MAX = 64 * 4096 };

/* The part of the call that concerns the hart it comes from. */
static void fence_self(unsigned long function, const unsigned long *arguments) {
    unsigned long start = arguments[2];
    unsigned long size = arguments[3];
    if (function == REMOTE_FENCE_I) {
        arch_fetch_flush();
    } else if ((start == 0 && size == 0) || size > RANGE_MAX) {
        arch_tlb_flush(); /* "the entire address space" is 0, 0 or a size of all ones */
    } else if (size != 0) {
        arch_tlb_flush_range(start, size);
    }
}

/* A range may end with the address space; a size of all ones means everything, wherever it starts. */
static bool wraps(unsigned long start, unsigned long size) {
    return size != 0 && size != -1ul && size - 1 > -1ul - start;
}

/* On the guest's other harts. All are asked first and waited for afterwards, so that they work at the same time. */
static void fence_others(const struct guest *guest, uint64_t targets, enum vcpu_fence fence) {
    uint32_t numbers[MANIFEST_VCPUS_MAX];
    uint32_t id = 0;
    for (uint64_t left = targets; left != 0; left >>= 1, id++) {
        if ((left & 1) != 0) {
            numbers[id] = vcpu_fence_post(guest->vcpus[id], fence);
        }
    }
    while (id-- > 0) {
        if ((targets >> id & 1) != 0) {
            vcpu_fence_wait(guest->vcpus[id], fence, numbers[id]);
        }
    }
}

[[gnu::noinline]] struct sbi_result sbi_rfence(struct vcpu *vcpu, unsigned long function,
                                               const unsigned long *arguments) {
    if (function > REMOTE_SFENCE_VMA_ASID) {
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
    uint64_t targets;
    if (sbi_targets_decode(vcpu->guest, arguments[0], arguments[1], &targets) != STATUS_OK) {
        return sbi_error(SBI_ERR_INVALID_PARAM);
    }
    if (function != REMOTE_FENCE_I && wraps(arguments[2], arguments[3])) {
        return sbi_error(SBI_ERR_INVALID_ADDRESS);
    }
    uint64_t self = UINT64_C(1) << vcpu->id;
    if ((targets & self) != 0) {
        fence_self(function, arguments);
    }
    if ((targets & ~self) != 0) {
        fence_others(vcpu->guest, targets & ~self, function == REMOTE_FENCE_I ? VCPU_FENCE_I : VCPU_FENCE_VMA);
    }
    return sbi_value(0);
}
