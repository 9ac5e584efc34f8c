/* The end of a boot that cannot succeed. */
#include "kernel/boot/refuse.h"

#include <stdarg.h>

#include "kernel/dev/kernel_console.h"
#include "kernel/ending.h"
#include "lib/format.h"

void boot_refuse(const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    format_buffer_list(text, sizeof text, format, arguments);
    va_end(arguments);
    kernel_console_attach(); /* if it has not been yet */
    ending_begin();
    console_panic_line(&kernel_console, "diosix: cannot start: %s", text);
    ending_fail();
}
