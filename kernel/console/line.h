/*
 * The line that a guest is printing: a row of printable ASCII cells and a cursor in it. The tagger edits it as the
 * guest's bytes say; the screen shows it.
 *
 * Invariants: cursor <= length <= LINE_SIZE, and every cell below length is printable ASCII (0x20..0x7e). So whatever
 * is in a line, showing it moves no cursor but its own.
 */
#pragma once

#include <stdint.h>

enum {
    LINE_SIZE = 1024, /* cells; a longer line is continued on a new one */
};

struct line {
    uint16_t length;
    uint16_t cursor;
    uint16_t changed_from; /* cells that the screen does not show as they are: none below this one, */
    uint16_t changed_to;   /* nor from this one on */
    char cells[LINE_SIZE];
};

void line_clear(struct line *line);

/*
 * Writes a printable character over the cell at the cursor, or appends it, and moves on. False, and nothing changes,
 * when the cursor stands at `width` (at most LINE_SIZE): the line is full.
 */
bool line_put(struct line *line, char character, unsigned width);

/* Moves to the next multiple of eight, over what is there and over blanks where nothing is, as far as `width`. */
void line_put_tab(struct line *line, unsigned width);

/* The cursor to the left, to the right: never past the first cell, never past the end of the text. */
void line_move_left(struct line *line, unsigned count);
void line_move_right(struct line *line, unsigned count);

/* The text ends at the cursor. */
void line_cut(struct line *line);

/* The screen has shown the line as it is now. */
void line_mark_shown(struct line *line);
