/*
 * Turns the bytes that a guest prints into lines that are safe to show beside other guests' lines and the kernel's:
 * nothing but printable ASCII comes out, and the cursor cannot leave the guest's own text.
 *
 * - LF ends a line, CR goes to its first cell, backspace one cell left, tab to the next multiple of eight.
 * - Escape and control sequences (ESC ..., CSI, OSC, DCS, SOS, PM, APC, seven-bit and eight-bit; ECMA-48) are
 *   swallowed. The four that line editors need (CSI C, CSI D, CSI K, CSI J) act within the line; the others do nothing.
 *   A string that never ends swallows its line and no more.
 * - A character of UTF-8 becomes one '?', as does any other byte that is not ASCII. Other control characters vanish.
 */
#pragma once

#include <stdint.h>

#include "kernel/console/line.h"

enum tagger_state {
    TAGGER_TEXT,
    TAGGER_ESCAPE,              /* after ESC */
    TAGGER_ESCAPE_INTERMEDIATE, /* after ESC and 0x20..0x2f */
    TAGGER_CSI,
    TAGGER_STRING, /* the body of OSC, DCS, SOS, PM or APC */
};

struct tagger {
    struct line line;
    uint16_t width;     /* cells that a line may have */
    uint16_t parameter; /* of the CSI sequence so far; clamped */
    bool plain;         /* the CSI sequence so far has at most one number and nothing else */
    uint8_t utf8_left;  /* continuation bytes still to come of a character that is shown already */
    enum tagger_state state;
};

enum tagger_result {
    TAGGER_TAKEN,    /* the line goes on */
    TAGGER_LINE_END, /* the line is complete; show it, then call tagger_next_line */
    TAGGER_LINE_FULL /* the byte was not taken: show the line, call tagger_next_line, then offer the byte again */
};

/* `width` is 1..LINE_SIZE. */
void tagger_init(struct tagger *tagger, unsigned width);

enum tagger_result tagger_put(struct tagger *tagger, uint8_t byte);

/* Starts an empty line. What an escape sequence was in the middle of stays. */
void tagger_next_line(struct tagger *tagger);
