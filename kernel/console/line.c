/* The cells and the cursor of line.h. All moves are clamped, so no sequence of edits breaks its invariants. */
#include "kernel/console/line.h"

enum {
    TAB_SIZE = 8,
};

static void note_change(struct line *line, unsigned index) {
    if (index < line->changed_from) {
        line->changed_from = (uint16_t)index;
    }
    if (line->changed_to <= index) {
        line->changed_to = (uint16_t)(index + 1);
    }
}

void line_clear(struct line *line) {
    line->length = 0;
    line->cursor = 0;
    line->changed_from = 0;
    line->changed_to = 0;
}

bool line_put(struct line *line, char character, unsigned width) {
    if (line->cursor >= width || line->cursor >= LINE_SIZE) {
        return false;
    }
    note_change(line, line->cursor);
    line->cells[line->cursor] = character;
    line->cursor++;
    if (line->length < line->cursor) {
        line->length = line->cursor;
    }
    return true;
}

void line_put_tab(struct line *line, unsigned width) {
    unsigned stop = (line->cursor / TAB_SIZE + 1u) * TAB_SIZE;

    while (line->cursor < stop) {
        if (line->cursor < line->length) {
            line->cursor++;
        } else if (!line_put(line, ' ', width)) {
            return;
        }
    }
}

void line_move_left(struct line *line, unsigned count) {
    line->cursor = count < line->cursor ? (uint16_t)(line->cursor - count) : 0;
}

void line_move_right(struct line *line, unsigned count) {
    unsigned room = (unsigned)line->length - line->cursor;

    line->cursor = (uint16_t)(line->cursor + (count < room ? count : room));
}

void line_cut(struct line *line) {
    if (line->cursor < line->length) {
        note_change(line, line->cursor);
        line->length = line->cursor;
    }
}

void line_mark_shown(struct line *line) {
    line->changed_from = line->length;
    line->changed_to = 0;
}
