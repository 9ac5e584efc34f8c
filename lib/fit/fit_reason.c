/*
 * The sentence of a refusal, so that a check and its sentence are one statement.
 */
#include "lib/fit/fit_reason.h"

#include "lib/format.h"

#include <stdarg.h>

status_t fit_refuse(struct fit_reason *out_reason, status_t status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_buffer_list(out_reason->text, sizeof(out_reason->text), format, arguments);
    va_end(arguments);
    return status;
}
