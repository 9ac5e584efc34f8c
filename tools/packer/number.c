/*
 * Decimal numbers. Written out, because strtoull takes signs, spaces and octal.
 */
#include "tools/packer/number.h"

status_t number_parse(const char *text, uint64_t max, uint64_t *out_number) {
    if (*text == '\0') {
        return STATUS_INVALID;
    }
    uint64_t number = 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return STATUS_INVALID;
        }
        uint64_t digit = (uint64_t)(*text - '0');
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number) ||
            number > max) {
            return STATUS_TOO_BIG;
        }
    }
    *out_number = number;
    return STATUS_OK;
}
