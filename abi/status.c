/* Texts of the status codes. */
#include "abi/status.h"

const char *status_text(status_t status) {
    switch (status) {
#define STATUS_CASE(name, value, text) \
    case STATUS_##name:                \
        return text;
        STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
    }
    return "unknown status";
}
