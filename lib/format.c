/*
 * Formatting. A conversion is parsed into a struct first and printed after, so that one that is not understood has
 * printed nothing yet.
 */
#include "lib/format.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

/* Keeps width arithmetic far from overflow whatever a '*' argument says. */
#define WIDTH_MAX (size_t)(INT_MAX / 2)

enum length { LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE };

struct conversion {
    bool left;
    bool zero;
    bool has_precision;
    size_t width;
    size_t precision;
    enum length length;
    char type;
};

struct output {
    struct format_sink *sink;
    size_t written;
    va_list arguments;
};

static void emit(struct output *output, const char *text, size_t size) {
    if (size > 0) {
        output->sink->put(output->sink, text, size);
        output->written += size;
    }
}

static void emit_padding(struct output *output, bool zeros, size_t count) {
    static const char blanks[2][17] = {"                ", "0000000000000000"};
    while (count > 0) {
        size_t piece = count < 16 ? count : 16;
        emit(output, blanks[zeros], piece);
        count -= piece;
    }
}

/* Text with blanks around it up to the conversion's width. */
static void emit_field(struct output *output, const struct conversion *conversion, const char *text, size_t size) {
    size_t padding = conversion->width > size ? conversion->width - size : 0;
    emit_padding(output, false, conversion->left ? 0 : padding);
    emit(output, text, size);
    emit_padding(output, false, conversion->left ? padding : 0);
}

/* Like emit_field, but zeros, where asked for, go between the prefix (a sign, or 0x) and the digits. */
static void emit_number(struct output *output, const struct conversion *conversion, const char *prefix, uint64_t value,
                        unsigned base) {
    const char *digits = conversion->type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[24];
    size_t start = sizeof text;
    do {
        text[--start] = digits[value % base];
        value /= base;
    } while (value != 0);

    size_t size = sizeof text - start;
    size_t prefix_size = strlen(prefix);
    if (conversion->zero && !conversion->left) {
        size_t used = size + prefix_size;
        emit(output, prefix, prefix_size);
        emit_padding(output, true, conversion->width > used ? conversion->width - used : 0);
        emit(output, text + start, size);
        return;
    }
    start -= prefix_size;
    memcpy(text + start, prefix, prefix_size);
    emit_field(output, conversion, text + start, size + prefix_size);
}

static int64_t take_signed(struct output *output, enum length length) {
    switch (length) {
    case LENGTH_LONG:
        return va_arg(output->arguments, long);
    case LENGTH_LONG_LONG:
        return va_arg(output->arguments, long long);
    case LENGTH_SIZE:
        return va_arg(output->arguments, ptrdiff_t);
    case LENGTH_INT:
        break;
    }
    return va_arg(output->arguments, int);
}

static uint64_t take_unsigned(struct output *output, enum length length) {
    switch (length) {
    case LENGTH_LONG:
        return va_arg(output->arguments, unsigned long);
    case LENGTH_LONG_LONG:
        return va_arg(output->arguments, unsigned long long);
    case LENGTH_SIZE:
        return va_arg(output->arguments, size_t);
    case LENGTH_INT:
        break;
    }
    return va_arg(output->arguments, unsigned);
}

static void emit_signed(struct output *output, const struct conversion *conversion) {
    int64_t value = take_signed(output, conversion->length);
    bool negative = value < 0;
    emit_number(output, conversion, negative ? "-" : "", negative ? -(uint64_t)value : (uint64_t)value, 10);
}

static void emit_string(struct output *output, const struct conversion *conversion) {
    const char *text = va_arg(output->arguments, const char *);
    if (text == nullptr) {
        text = "(null)";
    }
    if (!conversion->has_precision) {
        emit_field(output, conversion, text, strlen(text));
        return;
    }
    const char *end = memchr(text, '\0', conversion->precision);
    emit_field(output, conversion, text, end != nullptr ? (size_t)(end - text) : conversion->precision);
}

static void emit_character(struct output *output, const struct conversion *conversion) {
    char character = (char)va_arg(output->arguments, int);
    emit_field(output, conversion, &character, 1);
}

/* Prints a conversion; false, with nothing printed or taken, for a type that is not known. */
static bool emit_conversion(struct output *output, const struct conversion *conversion) {
    if (conversion->has_precision && conversion->type != 's') {
        return false;
    }
    switch (conversion->type) {
    case '%':
        emit(output, "%", 1);
        return true;
    case 'c':
        emit_character(output, conversion);
        return true;
    case 'd':
    case 'i':
        emit_signed(output, conversion);
        return true;
    case 'p':
        emit_number(output, conversion, "0x", (uintptr_t)va_arg(output->arguments, void *), 16);
        return true;
    case 's':
        emit_string(output, conversion);
        return true;
    case 'u':
        emit_number(output, conversion, "", take_unsigned(output, conversion->length), 10);
        return true;
    case 'x':
    case 'X':
        emit_number(output, conversion, "", take_unsigned(output, conversion->length), 16);
        return true;
    default:
        return false;
    }
}

static const char *parse_flags(const char *at, struct conversion *conversion) {
    for (; *at == '-' || *at == '0'; at++) {
        conversion->left |= *at == '-';
        conversion->zero |= *at == '0';
    }
    return at;
}

static const char *parse_digits(const char *at, size_t *out_value) {
    size_t value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        value = value < WIDTH_MAX / 10 ? value * 10 + (size_t)(*at - '0') : WIDTH_MAX;
    }
    *out_value = value;
    return at;
}

static const char *parse_width(const char *at, struct output *output, struct conversion *conversion) {
    if (*at != '*') {
        return parse_digits(at, &conversion->width);
    }
    int width = va_arg(output->arguments, int);
    size_t magnitude = width < 0 ? 0u - (unsigned)width : (unsigned)width;
    conversion->left |= width < 0;
    conversion->width = magnitude < WIDTH_MAX ? magnitude : WIDTH_MAX;
    return at + 1;
}

/* A negative '.*' counts as no precision, as in C. */
static const char *parse_precision(const char *at, struct output *output, struct conversion *conversion) {
    if (*at != '.') {
        return at;
    }
    at++;
    if (*at != '*') {
        conversion->has_precision = true;
        return parse_digits(at, &conversion->precision);
    }
    int precision = va_arg(output->arguments, int);
    conversion->has_precision = precision >= 0;
    conversion->precision = precision >= 0 ? (size_t)precision : 0;
    return at + 1;
}

static const char *parse_length(const char *at, struct conversion *conversion) {
    if (*at == 'z') {
        conversion->length = LENGTH_SIZE;
        return at + 1;
    }
    if (*at != 'l') {
        return at;
    }
    conversion->length = at[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG;
    return at + (at[1] == 'l' ? 2 : 1);
}

/* Parses and prints the conversion behind a '%'; returns what follows it, or null if it is not known. */
static const char *print_conversion(struct output *output, const char *at) {
    struct conversion conversion = {};
    at = parse_flags(at, &conversion);
    at = parse_width(at, output, &conversion);
    at = parse_precision(at, output, &conversion);
    at = parse_length(at, &conversion);
    conversion.type = *at;
    return emit_conversion(output, &conversion) ? at + 1 : nullptr;
}

static void print(struct output *output, const char *format) {
    const char *percent;
    while ((percent = memchr(format, '%', strlen(format))) != nullptr) {
        emit(output, format, (size_t)(percent - format));
        format = print_conversion(output, percent + 1);
        if (format == nullptr) {
            format = percent;
            break;
        }
    }
    emit(output, format, strlen(format));
}

size_t format_print_list(struct format_sink *sink, const char *format, va_list arguments) {
    struct output output = {.sink = sink};
    /* A copy inside a struct, because a va_list parameter cannot portably be passed on by its address. */
    va_copy(output.arguments, arguments);
    print(&output, format);
    va_end(output.arguments);
    return output.written;
}

size_t format_print(struct format_sink *sink, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t written = format_print_list(sink, format, arguments);
    va_end(arguments);
    return written;
}

struct buffer_sink {
    struct format_sink sink; /* first, so that the sink's address is the buffer's */
    char *buffer;
    size_t space; /* what still fits in front of the NUL */
};

static void buffer_put(struct format_sink *sink, const char *text, size_t size) {
    struct buffer_sink *target = (struct buffer_sink *)sink;
    size_t piece = size < target->space ? size : target->space;
    memcpy(target->buffer, text, piece);
    target->buffer += piece;
    target->space -= piece;
}

size_t format_buffer_list(char *buffer, size_t size, const char *format, va_list arguments) {
    char nothing[1];
    struct buffer_sink target = {
        .sink = {.put = buffer_put},
        .buffer = size > 0 ? buffer : nothing,
        .space = size > 0 ? size - 1 : 0,
    };
    size_t wanted = format_print_list(&target.sink, format, arguments);
    *target.buffer = '\0';
    return wanted;
}

size_t format_buffer(char *buffer, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t wanted = format_buffer_list(buffer, size, format, arguments);
    va_end(arguments);
    return wanted;
}
