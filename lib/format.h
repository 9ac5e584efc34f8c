/*
 * printf-family formatting into a sink: the console, a log, a buffer.
 *
 * Understood: %s %c %d %i %u %x %X %p %%, with the lengths l ll z, a width or '*', the flags '-' (left align) and '0',
 * and a precision or '.*' for %s only, which then reads no more bytes than that. %p is 0x and lower-case digits. A
 * null %s prints "(null)". From a conversion that is none of these on, the format is printed as it stands: where the
 * arguments behind it lie is not known, and reading them wrongly could fault.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Where text goes: callers embed this in what put needs, and find that again from the pointer. */
struct format_sink {
    void (*put)(struct format_sink *sink, const char *text, size_t size);
};

/* Formats into sink; returns the bytes put. */
[[gnu::format(printf, 2, 3)]] size_t format_print(struct format_sink *sink, const char *format, ...);
[[gnu::format(printf, 2, 0)]] size_t format_print_list(struct format_sink *sink, const char *format, va_list arguments);

/*
 * Formats into buffer, which is NUL-terminated unless size is 0, cutting what does not fit. Returns the length without
 * the NUL that the whole text has: the text was cut if that is not below size.
 */
[[gnu::format(printf, 3, 4)]] size_t format_buffer(char *buffer, size_t size, const char *format, ...);
[[gnu::format(printf, 3, 0)]] size_t format_buffer_list(char *buffer, size_t size, const char *format,
                                                        va_list arguments);
