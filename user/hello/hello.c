/*
 * The first user program: greets, then answers line by line until `exit` or the end of its input. It is an ordinary
 * program for musl and runs under Linux as well; what it touches (floating point, the heap, the terminal, faults) is
 * what a new supervisor has to get right first.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_SEPARATORS " \t\r\n"

enum outcome { GO_ON, END };

struct command {
    const char *name;
    const char *help;
    /* The words behind the command are strtok()'s to give. Sets *status for END. */
    enum outcome (*run)(int *status);
};

static char *next_word(void) {
    return strtok(nullptr, WORD_SEPARATORS);
}

static enum outcome run_echo(int *status) {
    (void)status;
    char *rest = strtok(nullptr, "\n");
    printf("%s\n", rest == nullptr ? "" : rest);
    return GO_ON;
}

static enum outcome run_sum(int *status) {
    (void)status;
    double sum = 0;
    for (char *word = next_word(); word != nullptr; word = next_word()) {
        char *end;
        double number = strtod(word, &end);
        if (*end != '\0') {
            printf("sum: '%s' is no number\n", word);
            return GO_ON;
        }
        sum += number;
    }
    printf("%g\n", sum);
    return GO_ON;
}

static enum outcome run_crash(int *status) {
    (void)status;
    volatile int *volatile nowhere = nullptr;
    printf("writing to address 0\n");
    fflush(stdout);
    *nowhere = 1;
    return GO_ON;
}

/* False: there is such a word, and it is no status. */
static int parse_status(const char *word, int *out_status) {
    char *end;
    errno = 0;
    long value = strtol(word, &end, 10);
    if (*end != '\0' || errno != 0 || value < 0 || value > UCHAR_MAX) {
        return 0;
    }
    *out_status = (int)value;
    return 1;
}

static enum outcome run_exit(int *status) {
    char *word = next_word();
    if (word != nullptr && !parse_status(word, status)) {
        printf("exit: '%s' is no status from 0 to 255\n", word);
        return GO_ON;
    }
    return END;
}

static enum outcome run_help(int *status);

static const struct command commands[] = {
    {"help", "help           this list", run_help},
    {"echo", "echo TEXT      says the text", run_echo},
    {"sum", "sum NUMBER...  adds numbers up", run_sum},
    {"crash", "crash          writes to address 0", run_crash},
    {"exit", "exit [STATUS]  ends; so does Ctrl-D on an empty line", run_exit},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static enum outcome run_help(int *status) {
    (void)status;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        printf("  %s\n", commands[i].help);
    }
    printf("  Whatever else is typed is said back.\n");
    return GO_ON;
}

/* strtok() writes into the line, so it only gets one that is a command. */
static enum outcome answer(char *line, int *status) {
    size_t length = strcspn(line, "\n");
    size_t start = strspn(line, WORD_SEPARATORS);
    size_t size = strcspn(line + start, WORD_SEPARATORS);
    if (size == 0) {
        return GO_ON;
    }
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strlen(commands[i].name) == size && memcmp(commands[i].name, line + start, size) == 0) {
            strtok(line, WORD_SEPARATORS);
            return commands[i].run(status);
        }
    }
    printf("you said: %.*s\n", (int)length, line);
    return GO_ON;
}

/* Archimedes: the f registers, the conversions and libm all take part. */
static double pi_by_doubling(void) {
    double sides = 6;
    double length = 1;
    for (int i = 0; i < 12; i++) {
        length = length / sqrt(2 + sqrt(4 - length * length));
        sides *= 2;
    }
    return sides * length / 2;
}

int main(int argc, char **argv) {
    const char *name = argc > 0 ? argv[0] : "hello";
    int status = EXIT_SUCCESS;
    char *line = nullptr;
    size_t capacity = 0;
    printf("hello from %s, a %zu-bit program; pi is about %.6f\n", name, sizeof(void *) * CHAR_BIT, pi_by_doubling());
    printf("Type help for what it can do.\n");
    do {
        printf("hello> ");
        fflush(stdout);
    } while (getline(&line, &capacity, stdin) >= 0 && answer(line, &status) == GO_ON);
    free(line);
    return status;
}
