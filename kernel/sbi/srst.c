/* SRST: the guest ends or starts anew (SBI v3.0, "System Reset Extension"). The system is the guest; nobody else
 * notices. */
#include "kernel/guest/guest.h"
#include "kernel/sbi/sbi.h"
#include "kernel/sched/sched.h"

enum { SYSTEM_RESET = 0 };

enum : uint32_t {
    TYPE_SHUTDOWN = 0,
    TYPE_COLD_REBOOT = 1,
    TYPE_WARM_REBOOT = 2,
    REASON_NONE = 0,
    REASON_SYSTEM_FAILURE = 1,
};

struct sbi_result sbi_srst(struct vcpu *vcpu, unsigned long function, const unsigned long *arguments) {
    if (function != SYSTEM_RESET) {
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
    uint32_t type = (uint32_t)arguments[0];
    uint32_t reason = (uint32_t)arguments[1];
    /* "Reserved, or platform-specific and unimplemented"; there are none of our own. */
    if (type > TYPE_WARM_REBOOT || reason > REASON_SYSTEM_FAILURE) {
        return sbi_error(SBI_ERR_INVALID_PARAM);
    }
    bool is_stopped = guest_stop(vcpu->guest, &(struct guest_end){
                                                  .kind = type == TYPE_SHUTDOWN ? GUEST_END_SHUTDOWN : GUEST_END_REBOOT,
                                                  .reset_type = type,
                                                  .reset_reason = reason,
                                                  .vcpu = vcpu->id,
                                              });
    /* The request to stop is in this hart's own mail, which is read before a guest is entered. If somebody else has
     * just stopped the guest, it is on the way here. */
    return is_stopped ? sbi_no_return() : sbi_again(vcpu);
}
