/*
 * The packer's refusals, so that a check and its sentence are one statement.
 */
#include "tools/packer/refusal.h"

#include <stdarg.h>
#include <stdio.h>

status_t refuse(struct refusal *out_refusal, status_t status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out_refusal->text, sizeof(out_refusal->text), format, arguments);
    va_end(arguments);
    return status;
}
