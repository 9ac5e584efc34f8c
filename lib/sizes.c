/* Sizes with units. */
#include "lib/sizes.h"

#include <string.h>

#include "lib/format.h"

static char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

/* The value of a digit in base, or base if it is none. */
static unsigned digit_value(char character, unsigned base) {
    char letter = lower(character);
    unsigned value = base;
    if (letter >= '0' && letter <= '9') {
        value = (unsigned)(letter - '0');
    } else if (letter >= 'a' && letter <= 'f') {
        value = (unsigned)(letter - 'a' + 10);
    }
    return value < base ? value : base;
}

/* Reads digits from *text on and moves it behind them. */
static status_t parse_number(const char **text, unsigned base, uint64_t *out_value) {
    const char *at = *text;
    uint64_t value = 0;
    if (digit_value(*at, base) == base) {
        return STATUS_INVALID;
    }
    for (; digit_value(*at, base) < base; at++) {
        if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit_value(*at, base), &value)) {
            return STATUS_TOO_BIG;
        }
    }
    *text = at;
    *out_value = value;
    return STATUS_OK;
}

/* The power of two that a unit multiplies by, from what follows the number to the end of the text. */
static status_t parse_unit(const char *text, unsigned *out_bits) {
    static const char units[] = "kmgt";
    if (*text == '\0') {
        *out_bits = 0;
        return STATUS_OK;
    }
    if (*text == ' ') {
        text++;
    }
    const char *unit = memchr(units, lower(*text), sizeof units - 1);
    if (unit == nullptr || (text[1] != '\0' && strcmp(text + 1, "iB") != 0)) {
        return STATUS_INVALID;
    }
    *out_bits = 10 * (unsigned)(unit - units + 1);
    return STATUS_OK;
}

status_t sizes_parse(const char *text, uint64_t *out_bytes) {
    bool hexadecimal = text[0] == '0' && lower(text[1]) == 'x';
    const char *at = hexadecimal ? text + 2 : text;
    uint64_t value = 0;
    unsigned bits = 0;
    status_t status = parse_number(&at, hexadecimal ? 16 : 10, &value);
    if (status == STATUS_OK) {
        status = parse_unit(at, &bits);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (value > UINT64_MAX >> bits) {
        return STATUS_TOO_BIG;
    }
    *out_bytes = value << bits;
    return STATUS_OK;
}

size_t sizes_print(char *buffer, size_t size, uint64_t bytes) {
    static const char units[][4] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned unit = 0;
    while (unit + 1 < sizeof units / sizeof units[0] && bytes >> (10 * (unit + 1)) != 0) {
        unit++;
    }
    unsigned bits = 10 * unit;
    uint64_t whole = bytes >> bits;
    uint64_t rest = bytes - (whole << bits);
    if (rest == 0) {
        return format_buffer(buffer, size, "%llu %s", (unsigned long long)whole, units[unit]);
    }
    /* Cannot overflow: whole is below 1024, or below 16 at EiB. */
    uint64_t tenths = whole * 10 + ((rest * 10 + (UINT64_C(1) << (bits - 1))) >> bits);
    if (tenths == 10240) {
        tenths = 10;
        unit++;
    }
    return format_buffer(buffer, size, "%u.%u %s", (unsigned)tenths / 10, (unsigned)tenths % 10, units[unit]);
}
