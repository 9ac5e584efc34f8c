/*
 * Rendering. A row is brought up to date by going to the first cell that differs, writing from there, and going to
 * where the cursor belongs; the only controls that are ever sent for a guest are backspaces within its cells, and CR
 * with the tag after it.
 */
#include "kernel/console/screen.h"

#include <string.h>

/* The dearest calls between two times of being idle: screen_show of a full line, then screen_end_row. */
static_assert(2 + TAG_SIZE + LINE_SIZE + LINE_SIZE + LINE_SIZE + 2 <= SCREEN_SIZE, "back, write, back");
static_assert(SCREEN_TEXT_SIZE + SCREEN_TEXT_SIZE / (SCREEN_COLUMNS_MIN - 4) * 4 + 4 <= SCREEN_SIZE, "kernel line");
static_assert(SCREEN_RAW_SIZE <= SCREEN_SIZE, "raw bytes");

static const char line_break[] = "\r\n";
static const char indent[] = "  "; /* of what continues a line of the kernel */

/*
 * CAN and ST end a sequence that was begun; then leave the alternate screen, soft reset (scroll region, origin, insert
 * and cursor modes), no attributes, ASCII in G0 and G0 in use, a new row.
 */
static const char reset[] = "\x18\033\\\033[?1049l\033[!p\033[0m\033(B\x0f\r\n";

void screen_init(struct screen *screen, unsigned columns) {
    if (columns != 0 && columns < SCREEN_COLUMNS_MIN) {
        columns = SCREEN_COLUMNS_MIN;
    }
    screen->columns = columns;
    screen->row = nullptr;
    screen->row_length = 0;
    screen->row_cursor = 0;
    screen->begin = 0;
    screen->end = 0;
}

unsigned screen_line_width(const struct screen *screen, const struct tag *tag) {
    if (screen->columns == 0) {
        return LINE_SIZE;
    }
    /* The last column stays free: some terminals wrap as soon as it is written, others with the next character. */
    unsigned width = screen->columns - tag->width - 1;

    return width < LINE_SIZE ? width : LINE_SIZE;
}

bool screen_is_idle(const struct screen *screen) {
    return screen->begin == screen->end;
}

uint8_t screen_next(const struct screen *screen) {
    return (uint8_t)screen->bytes[screen->begin];
}

void screen_advance(struct screen *screen) {
    screen->begin++;
    if (screen->begin == screen->end) {
        screen->begin = 0;
        screen->end = 0;
    }
}

static void put(struct screen *screen, const char *bytes, size_t size) {
    size_t room = SCREEN_SIZE - screen->end;

    if (size > room) {
        size = room; /* cannot be, see above; but if it were, bytes would be missing and nothing be overwritten */
    }
    memcpy(screen->bytes + screen->end, bytes, size);
    screen->end += size;
}

static void put_repeated(struct screen *screen, char character, unsigned count) {
    for (unsigned index = 0; index < count; index++) {
        put(screen, &character, 1);
    }
}

static void put_tag(struct screen *screen, const struct tag *tag) {
    put(screen, tag->bytes, tag->size);
}

void screen_end_row(struct screen *screen) {
    if (screen->row != nullptr) {
        put(screen, line_break, sizeof(line_break) - 1);
        screen->row = nullptr;
    }
}

static void start_row(struct screen *screen, const struct tag *tag) {
    screen_end_row(screen);
    put_tag(screen, tag);
    screen->row = tag;
    screen->row_length = 0;
    screen->row_cursor = 0;
}

/* Moves the terminal's cursor to a cell. To the right, and from the tag, by writing the cells that it passes over. */
static void go_to(struct screen *screen, const struct line *line, unsigned cell) {
    if (cell >= screen->row_cursor) {
        put(screen, line->cells + screen->row_cursor, cell - screen->row_cursor);
    } else if (screen->row_cursor - cell <= 1u + screen->row->size + cell) {
        put_repeated(screen, '\b', screen->row_cursor - cell);
    } else {
        put(screen, "\r", 1);
        put_tag(screen, screen->row);
        put(screen, line->cells, cell);
    }
    screen->row_cursor = cell;
}

/* Writes the cells from first up to end, and blanks over what the row has beyond the end of the line. */
static void write_cells(struct screen *screen, const struct line *line, unsigned first, unsigned end) {
    go_to(screen, line, first);
    go_to(screen, line, end);
    if (screen->row_length > line->length) {
        go_to(screen, line, line->length);
        put_repeated(screen, ' ', screen->row_length - line->length);
        screen->row_cursor = screen->row_length;
    }
    screen->row_length = line->length;
}

void screen_show(struct screen *screen, const struct tag *tag, struct line *line) {
    unsigned first = line->changed_from < line->length ? line->changed_from : line->length;
    unsigned end = line->changed_to < line->length ? line->changed_to : line->length;

    if (screen->row != tag) {
        start_row(screen, tag);
        first = 0;
        end = line->length;
    }
    if (first < end || line->length < screen->row_length) {
        write_cells(screen, line, first, first < end ? end : first);
    }
    go_to(screen, line, line->cursor);
    line_mark_shown(line);
}

void screen_put_line(struct screen *screen, const char *text, size_t size) {
    size_t limit = screen->columns == 0 ? SCREEN_TEXT_SIZE : screen->columns - 1;

    if (size > SCREEN_TEXT_SIZE) {
        size = SCREEN_TEXT_SIZE;
    }
    screen_end_row(screen);
    while (size > limit) {
        put(screen, text, limit);
        put(screen, line_break, sizeof(line_break) - 1);
        put(screen, indent, sizeof(indent) - 1);
        text += limit;
        size -= limit;
        limit = screen->columns - 1 - (sizeof(indent) - 1);
    }
    put(screen, text, size);
    put(screen, line_break, sizeof(line_break) - 1);
}

void screen_put_raw(struct screen *screen, const void *bytes, size_t size) {
    put(screen, bytes, size < SCREEN_RAW_SIZE ? size : SCREEN_RAW_SIZE);
}

void screen_put_reset(struct screen *screen) {
    put(screen, reset, sizeof(reset) - 1);
    screen->row = nullptr;
}
