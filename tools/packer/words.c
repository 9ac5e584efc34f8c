/*
 * The splitter of description files: one pass, one character at a time, a word's characters gathered in a scratch
 * buffer as large as the file.
 */
#include "tools/packer/words.h"

#include "tools/packer/text.h"

#include <stdlib.h>
#include <string.h>

struct splitter {
    const char *path;
    const char *text;
    size_t size;
    size_t position;
    unsigned line;
    char *scratch;
    size_t length;
    struct words words;
    struct refusal *refusal;
};

static bool is_at_end(const struct splitter *splitter) {
    return splitter->position == splitter->size;
}

static char peek(const struct splitter *splitter) {
    return splitter->text[splitter->position];
}

static char take(struct splitter *splitter) {
    char character = splitter->text[splitter->position++];
    if (character == '\n') {
        splitter->line++;
    }
    return character;
}

static bool is_space(char character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static void skip_comment(struct splitter *splitter) {
    while (!is_at_end(splitter) && peek(splitter) != '\n') {
        take(splitter);
    }
}

static void skip_to_word(struct splitter *splitter) {
    while (!is_at_end(splitter)) {
        if (peek(splitter) == '#') {
            skip_comment(splitter);
        } else if (is_space(peek(splitter))) {
            take(splitter);
        } else {
            return;
        }
    }
}

/* After the opening quote, up to and with the closing one. */
static status_t take_quoted(struct splitter *splitter, char quote) {
    unsigned first_line = splitter->line;
    while (!is_at_end(splitter)) {
        char character = take(splitter);
        if (character == quote) {
            return STATUS_OK;
        }
        if (character == '\\' && quote == '"' && !is_at_end(splitter)) {
            character = take(splitter);
        }
        splitter->scratch[splitter->length++] = character;
    }
    return refuse(splitter->refusal, STATUS_INVALID, "%s:%u: the quote %c is never closed", splitter->path, first_line,
                  quote);
}

static status_t take_word(struct splitter *splitter) {
    splitter->length = 0;
    while (!is_at_end(splitter) && !is_space(peek(splitter))) {
        char character = take(splitter);
        if (character != '"' && character != '\'') {
            splitter->scratch[splitter->length++] = character;
            continue;
        }
        status_t status = take_quoted(splitter, character);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static status_t add_word(struct splitter *splitter, unsigned line) {
    struct words *words = &splitter->words;
    if (words->count == WORDS_MAX) {
        return refuse(splitter->refusal, STATUS_TOO_BIG, "%s:%u: more than %d words", splitter->path, line, WORDS_MAX);
    }
    char *text = text_format("%.*s", (int)splitter->length, splitter->scratch);
    if (text == nullptr) {
        return refuse(splitter->refusal, STATUS_NO_MEMORY, "out of memory");
    }
    words->items[words->count++] = (struct word){.text = text, .line = line};
    return STATUS_OK;
}

static status_t split(struct splitter *splitter) {
    for (skip_to_word(splitter); !is_at_end(splitter); skip_to_word(splitter)) {
        unsigned line = splitter->line;
        status_t status = take_word(splitter);
        if (status == STATUS_OK) {
            status = add_word(splitter, line);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

status_t words_split(const char *path, const char *text, size_t size, struct words *out_words,
                     struct refusal *out_refusal) {
    if (memchr(text, '\0', size) != nullptr) {
        return refuse(out_refusal, STATUS_INVALID, "%s: is not a text file", path);
    }
    struct splitter splitter = {.path = path, .text = text, .size = size, .line = 1, .refusal = out_refusal};
    splitter.scratch = malloc(size + 1);
    splitter.words.items = calloc(WORDS_MAX, sizeof(struct word));
    status_t status;
    if (splitter.scratch == nullptr || splitter.words.items == nullptr) {
        status = refuse(out_refusal, STATUS_NO_MEMORY, "out of memory");
    } else {
        status = split(&splitter);
    }
    free(splitter.scratch);
    if (status == STATUS_OK) {
        *out_words = splitter.words;
    } else {
        words_free(&splitter.words);
    }
    return status;
}

void words_free(struct words *words) {
    for (size_t index = 0; index < words->count; index++) {
        free(words->items[index].text);
    }
    free(words->items);
    *words = (struct words){};
}
