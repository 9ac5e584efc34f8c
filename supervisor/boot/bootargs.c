/*
 * Cuts a copy of the text into words, in place.
 */
#include "supervisor/boot/bootargs.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n';
}

/* Terminates the word at *cursor and moves behind it; null at the end. */
static const char *next_word(char **cursor) {
    char *word = *cursor;
    while (is_blank(*word)) {
        word++;
    }
    char *end = word;
    while (*end != '\0' && !is_blank(*end)) {
        end++;
    }
    *cursor = *end == '\0' ? end : end + 1;
    *end = '\0';
    return *word == '\0' ? nullptr : word;
}

static void take_option(struct bootargs *bootargs, const char *word) {
    static const char init[] = "init=";
    if (strncmp(word, init, sizeof(init) - 1) == 0) {
        bootargs->init = word + sizeof(init) - 1;
    }
}

status_t bootargs_parse(struct bootargs *bootargs, const char *text) {
    size_t size = text == nullptr ? 0 : strnlen(text, BOOTARGS_SIZE);
    if (size == BOOTARGS_SIZE) {
        return STATUS_TOO_BIG;
    }
    memcpy(bootargs->text, text == nullptr ? "" : text, size);
    bootargs->text[size] = '\0';
    bootargs->init = "/init";
    bootargs->argument_count = 1;

    char *cursor = bootargs->text;
    const char *word = next_word(&cursor);
    for (; word != nullptr && strcmp(word, "--") != 0; word = next_word(&cursor)) {
        take_option(bootargs, word);
    }
    while (word != nullptr && (word = next_word(&cursor)) != nullptr) {
        if (bootargs->argument_count == BOOTARGS_WORD_LIMIT) {
            return STATUS_TOO_BIG;
        }
        bootargs->arguments[bootargs->argument_count++] = word;
    }
    bootargs->arguments[0] = bootargs->init;
    return STATUS_OK;
}
