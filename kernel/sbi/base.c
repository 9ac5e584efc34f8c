/* BASE: who and what is below the guest (SBI v3.0, "Base Extension"). */
#include "kernel/sbi/sbi.h"

enum {
    GET_SPEC_VERSION = 0,
    GET_IMPL_ID = 1,
    GET_IMPL_VERSION = 2,
    PROBE_EXTENSION = 3,
    GET_MVENDORID = 4,
    GET_MARCHID = 5,
    GET_MIMPID = 6,
};

enum {
    SPEC_VERSION = 3 << 24 | 0, /* 3.0 */
    IMPL_ID = 5,                /* Diosix */
    IMPL_VERSION = 0 << 16 | 1, /* 0.1 */
};

struct sbi_result sbi_base(struct vcpu *, unsigned long function, const unsigned long *arguments) {
    switch (function) {
    case GET_SPEC_VERSION:
        return sbi_value(SPEC_VERSION);
    case GET_IMPL_ID:
        return sbi_value(IMPL_ID);
    case GET_IMPL_VERSION:
        return sbi_value(IMPL_VERSION);
    case PROBE_EXTENSION:
        return sbi_value(sbi_has_extension(arguments[0]));
    case GET_MVENDORID:
    case GET_MARCHID:
    case GET_MIMPID:
        /* 0 is always legal. A guest is not told which chip it shares: errata patches for M-mode are not its business.
         */
        return sbi_value(0);
    default:
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
}
