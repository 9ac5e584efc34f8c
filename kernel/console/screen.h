/*
 * What the terminal shows and what is on its way there. The console says which line is to be seen; the screen turns
 * that into bytes and keeps them until the UART takes them.
 *
 * It knows one thing of the terminal: the row that the cursor is in is either empty with the cursor at its first
 * column, or holds the tag of one guest and then `row_length` cells of that guest's line.
 *
 * The functions that add bytes are called while it is idle. Invariant: what they add in one go fits (screen.c).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/console/line.h"
#include "kernel/console/tag.h"

enum {
    SCREEN_SIZE = 4096,
    SCREEN_COLUMNS_MIN = 48,
    SCREEN_TEXT_SIZE = 512, /* of one line of the kernel */
    SCREEN_RAW_SIZE = 1024, /* of one call of screen_put_raw */
};

struct screen {
    unsigned columns;      /* of the terminal; 0: unknown, nothing is broken for it */
    const struct tag *row; /* whose row the cursor is in; null: nobody's, it is empty */
    unsigned row_length;
    unsigned row_cursor;
    size_t begin; /* of the bytes that wait for the UART */
    size_t end;
    char bytes[SCREEN_SIZE];
};

/* A terminal of fewer columns than SCREEN_COLUMNS_MIN is treated as having these; 0 is no limit. */
void screen_init(struct screen *screen, unsigned columns);

/* The cells that a line with this tag may have so that the terminal never wraps it. */
unsigned screen_line_width(const struct screen *screen, const struct tag *tag);

/* Nothing waits for the UART. */
bool screen_is_idle(const struct screen *screen);

/* The next byte for the UART, while the screen is not idle; screen_advance once it has been taken. */
uint8_t screen_next(const struct screen *screen);
void screen_advance(struct screen *screen);

/* Shows the line as it is now: in its row if that is the present one, else in a new one; marks it as shown. */
void screen_show(struct screen *screen, const struct tag *tag, struct line *line);

/* Ends the present row, if somebody has it. */
void screen_end_row(struct screen *screen);

/* A whole line of the kernel, at most SCREEN_TEXT_SIZE bytes of printable ASCII. */
void screen_put_line(struct screen *screen, const char *text, size_t size);

/* Bytes as they are, at most SCREEN_RAW_SIZE. */
void screen_put_raw(struct screen *screen, const void *bytes, size_t size);

/* Brings a terminal to its senses after raw bytes: whatever they began or switched on ends. */
void screen_put_reset(struct screen *screen);
