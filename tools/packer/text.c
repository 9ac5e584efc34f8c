/*
 * Strings on the heap.
 */
#include "tools/packer/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *format_new(const char *format, va_list arguments) {
    va_list measured;
    va_copy(measured, arguments);
    int length = vsnprintf(nullptr, 0, format, measured);
    va_end(measured);
    if (length < 0) {
        return nullptr;
    }
    char *text = malloc((size_t)length + 1);
    if (text != nullptr) {
        vsnprintf(text, (size_t)length + 1, format, arguments);
    }
    return text;
}

char *text_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = format_new(format, arguments);
    va_end(arguments);
    return text;
}

char *text_join_path(const char *directory, const char *path) {
    if (path[0] == '/' || directory[0] == '\0') {
        return text_format("%s", path);
    }
    const char *separator = directory[strlen(directory) - 1] == '/' ? "" : "/";
    return text_format("%s%s%s", directory, separator, path);
}

char *text_directory_of(const char *path) {
    const char *slash = strrchr(path, '/');
    /* The slash stays, so that "/x" is in "/". */
    int length = slash == nullptr ? 0 : (int)(slash - path) + 1;
    return text_format("%.*s", length, path);
}
