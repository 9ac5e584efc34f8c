/* Calls of the Supervisor Binary Interface (SBI v3.0). */
#pragma once

enum sbi_error {
    SBI_SUCCESS = 0,
    SBI_ERR_FAILED = -1,
    SBI_ERR_NOT_SUPPORTED = -2,
    SBI_ERR_INVALID_PARAM = -3,
    SBI_ERR_DENIED = -4,
    SBI_ERR_INVALID_ADDRESS = -5,
    SBI_ERR_ALREADY_AVAILABLE = -6,
};

enum sbi_extension {
    SBI_BASE = 0x10,
    SBI_TIME = 0x54494d45,
    SBI_IPI = 0x735049,
    SBI_RFENCE = 0x52464e43,
    SBI_HSM = 0x48534d,
    SBI_SRST = 0x53525354,
    SBI_DBCN = 0x4442434e,
    SBI_FWFT = 0x46574654,
};

enum sbi_function {
    SBI_BASE_GET_SPEC_VERSION = 0,
    SBI_BASE_GET_IMPL_ID = 1,
    SBI_BASE_GET_IMPL_VERSION = 2,
    SBI_BASE_PROBE_EXTENSION = 3,
    SBI_BASE_GET_MVENDORID = 4,
    SBI_BASE_GET_MARCHID = 5,
    SBI_BASE_GET_MIMPID = 6,
    SBI_TIME_SET_TIMER = 0,
    SBI_IPI_SEND_IPI = 0,
    SBI_RFENCE_FENCE_I = 0,
    SBI_RFENCE_SFENCE_VMA = 1,
    SBI_RFENCE_SFENCE_VMA_ASID = 2,
    SBI_HSM_HART_START = 0,
    SBI_HSM_HART_STOP = 1,
    SBI_HSM_HART_GET_STATUS = 2,
    SBI_HSM_HART_SUSPEND = 3,
    SBI_SRST_SYSTEM_RESET = 0,
    SBI_DBCN_WRITE = 0,
    SBI_DBCN_READ = 1,
    SBI_DBCN_WRITE_BYTE = 2,
    SBI_FWFT_SET = 0,
    SBI_FWFT_GET = 1,
};

enum sbi_fwft_feature { SBI_FWFT_DOUBLE_TRAP = 3 };

enum sbi_hart_state {
    SBI_HART_STARTED = 0,
    SBI_HART_STOPPED = 1,
    SBI_HART_START_PENDING = 2,
    SBI_HART_STOP_PENDING = 3,
    SBI_HART_SUSPENDED = 4,
    SBI_HART_SUSPEND_PENDING = 5,
    SBI_HART_RESUME_PENDING = 6,
};

enum sbi_reset_type { SBI_SHUTDOWN = 0, SBI_COLD_REBOOT = 1, SBI_WARM_REBOOT = 2 };

struct sbi_result {
    long error;
    unsigned long value;
};

enum { SBI_ARGUMENT_COUNT = 6 };

struct sbi_result sbi_call(unsigned long extension, unsigned long function, const unsigned long *arguments);

/* SBI(extension, function, arguments...): those that are not given are 0. */
#define SBI(extension, function, ...) \
    sbi_call(extension, function, (const unsigned long[SBI_ARGUMENT_COUNT]){__VA_ARGS__})

/* Ends this life of the guest. */
[[noreturn]] void sbi_reset(enum sbi_reset_type type, unsigned long reason);
