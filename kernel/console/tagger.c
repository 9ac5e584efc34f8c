/*
 * The parser of tagger.h: five states, of which every byte leads to a state and, in text, to at most one edit of the
 * line. It follows ECMA-48 closely enough that what a terminal would swallow is swallowed here too.
 */
#include "kernel/console/tagger.h"

enum {
    BEL = 0x07,
    BS = 0x08,
    HT = 0x09,
    LF = 0x0a,
    CR = 0x0d,
    CAN = 0x18,
    SUB = 0x1a,
    ESC = 0x1b,
    DEL = 0x7f,
    C1_FIRST = 0x80,
    C1_DCS = 0x90,
    C1_SOS = 0x98,
    C1_CSI = 0x9b,
    C1_OSC = 0x9d,
    C1_PM = 0x9e,
    C1_APC = 0x9f,
    C1_LAST = 0x9f,
    UTF8_CONTINUATION_LAST = 0xbf,
    C1_OF_ESCAPE = 0x40, /* ESC 0x40..0x5f means the C1 control at 0x80..0x9f (ECMA-48 5.3) */
    PARAMETER_MAX = 9999,
};

void tagger_init(struct tagger *tagger, unsigned width) {
    *tagger = (struct tagger){.width = (uint16_t)width, .state = TAGGER_TEXT};
}

void tagger_next_line(struct tagger *tagger) {
    line_clear(&tagger->line);
}

/* How many continuation bytes follow this first byte of UTF-8 (RFC 3629, section 4); 0 if it is none. */
static uint8_t utf8_continuation_count(uint8_t byte) {
    if (byte < 0xc2 || byte > 0xf4) {
        return 0;
    }
    if (byte < 0xe0) {
        return 1;
    }
    return byte < 0xf0 ? 2 : 3;
}

static void start_c1(struct tagger *tagger, uint8_t c1) {
    switch (c1) {
    case C1_CSI:
        tagger->state = TAGGER_CSI;
        tagger->parameter = 0;
        tagger->plain = true;
        return;
    case C1_DCS:
    case C1_SOS:
    case C1_OSC:
    case C1_PM:
    case C1_APC:
        tagger->state = TAGGER_STRING;
        return;
    default:
        tagger->state = TAGGER_TEXT;
        return;
    }
}

static void edit(struct tagger *tagger, uint8_t control) {
    struct line *line = &tagger->line;

    switch (control) {
    case BS:
        line_move_left(line, 1);
        return;
    case HT:
        line_put_tab(line, tagger->width);
        return;
    case CR:
        line_move_left(line, line->cursor);
        return;
    default:
        return;
    }
}

/* A control character below 0x20. Inside a sequence a terminal acts on it without leaving the sequence; so do we. */
static enum tagger_result put_c0(struct tagger *tagger, uint8_t byte) {
    switch (byte) {
    case LF:
        tagger->state = TAGGER_TEXT;
        return TAGGER_LINE_END;
    case ESC:
        tagger->state = TAGGER_ESCAPE;
        return TAGGER_TAKEN;
    case CAN:
    case SUB:
        tagger->state = TAGGER_TEXT;
        return TAGGER_TAKEN;
    default:
        break;
    }
    if (tagger->state != TAGGER_STRING) {
        edit(tagger, byte);
    } else if (byte == BEL) {
        tagger->state = TAGGER_TEXT; /* as xterm ends an OSC */
    }
    return TAGGER_TAKEN;
}

static void finish_csi(struct tagger *tagger, uint8_t final) {
    unsigned count = tagger->parameter == 0 ? 1 : tagger->parameter;

    tagger->state = TAGGER_TEXT;
    if (!tagger->plain) {
        return;
    }
    if (final == 'C') {
        line_move_right(&tagger->line, count);
    } else if (final == 'D') {
        line_move_left(&tagger->line, count);
    } else if ((final == 'K' || final == 'J') && tagger->parameter == 0) {
        line_cut(&tagger->line);
    }
}

static void put_csi(struct tagger *tagger, uint8_t byte) {
    if (byte >= 0x40) {
        finish_csi(tagger, byte);
    } else if (byte >= '0' && byte <= '9') {
        unsigned value = tagger->parameter * 10u + (byte - '0');
        tagger->parameter = value < PARAMETER_MAX ? (uint16_t)value : PARAMETER_MAX;
    } else {
        tagger->plain = false;
    }
}

static void put_escape(struct tagger *tagger, uint8_t byte) {
    if (byte < 0x30) {
        tagger->state = TAGGER_ESCAPE_INTERMEDIATE;
    } else if (tagger->state == TAGGER_ESCAPE && byte >= 0x40 && byte <= 0x5f) {
        start_c1(tagger, byte + C1_OF_ESCAPE);
    } else {
        tagger->state = TAGGER_TEXT;
    }
}

/* A byte 0x20..0x7e inside a sequence. */
static void put_sequence(struct tagger *tagger, uint8_t byte) {
    switch (tagger->state) {
    case TAGGER_ESCAPE:
    case TAGGER_ESCAPE_INTERMEDIATE:
        put_escape(tagger, byte);
        return;
    case TAGGER_CSI:
        put_csi(tagger, byte);
        return;
    case TAGGER_STRING:
    case TAGGER_TEXT:
        return;
    }
}

/* Printable text, or a byte above 0x9f that stands for some. */
static enum tagger_result put_character(struct tagger *tagger, char character) {
    return line_put(&tagger->line, character, tagger->width) ? TAGGER_TAKEN : TAGGER_LINE_FULL;
}

static enum tagger_result put_high(struct tagger *tagger, uint8_t byte) {
    if (tagger->utf8_left > 0 && byte <= UTF8_CONTINUATION_LAST) {
        tagger->utf8_left--;
        return TAGGER_TAKEN;
    }
    if (byte <= C1_LAST) {
        tagger->utf8_left = 0;
        start_c1(tagger, byte);
        return TAGGER_TAKEN;
    }
    if (tagger->state != TAGGER_STRING) {
        tagger->state = TAGGER_TEXT; /* no sequence has such a byte: it ends here */
        if (put_character(tagger, '?') == TAGGER_LINE_FULL) {
            return TAGGER_LINE_FULL;
        }
    }
    tagger->utf8_left = utf8_continuation_count(byte);
    return TAGGER_TAKEN;
}

enum tagger_result tagger_put(struct tagger *tagger, uint8_t byte) {
    if (byte >= C1_FIRST) {
        return put_high(tagger, byte);
    }
    tagger->utf8_left = 0;
    if (byte == DEL) {
        return TAGGER_TAKEN;
    }
    if (byte < 0x20) {
        return put_c0(tagger, byte);
    }
    if (tagger->state == TAGGER_TEXT) {
        return put_character(tagger, (char)byte);
    }
    put_sequence(tagger, byte);
    return TAGGER_TAKEN;
}
