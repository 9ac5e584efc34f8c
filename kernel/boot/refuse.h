/* Refusing to start: one sentence that says what is missing or wrong and, where that is known, what to do. Ends the
 * machine with a failure. */
#pragma once

[[noreturn, gnu::format(printf, 1, 2)]] void boot_refuse(const char *format, ...);
