/*
 * tty_type() is the whole discipline: one byte from the keyboard.
 */
#include "supervisor/dev/tty.h"

#include <string.h>

enum {
    KEY_INTERRUPT = 'C' - '@',
    KEY_END_OF_FILE = 'D' - '@',
    KEY_BELL = 'G' - '@',
    KEY_BACKSPACE = 'H' - '@',
    KEY_KILL = 'U' - '@',
    KEY_DELETE = 0x7f,
};

void tty_init(struct tty *tty, const struct tty_device *device) {
    *tty = (struct tty){.device = device, .at_line_start = true};
}

static void device_write(struct tty *tty, const char *bytes, size_t size) {
    if (size != 0) {
        tty->device->write(tty->device->context, bytes, size);
        tty->at_line_start = bytes[size - 1] == '\n';
    }
}

void tty_start_line(struct tty *tty) {
    if (!tty->at_line_start) {
        device_write(tty, "\r\n", 2);
    }
}

void tty_write(struct tty *tty, const char *text, size_t size) {
    while (size != 0) {
        const char *end = memchr(text, '\n', size);
        size_t plain = end == nullptr ? size : (size_t)(end - text);
        device_write(tty, text, plain);
        if (end == nullptr) {
            return;
        }
        device_write(tty, "\r\n", 2);
        text += plain + 1;
        size -= plain + 1;
    }
}

static bool byte_is_control(char byte) {
    return ((unsigned char)byte < ' ' && byte != '\t') || byte == KEY_DELETE;
}

/* 10xxxxxx goes on with a character that began before. */
static bool byte_is_continuation(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static void echo(struct tty *tty, char byte) {
    char text[2] = {'^', (char)(byte ^ 0x40)};
    if (byte_is_control(byte)) {
        device_write(tty, text, 2);
    } else {
        device_write(tty, &byte, 1);
    }
}

static void erase_character(struct tty *tty) {
    if (tty->length == 0) {
        return;
    }
    while (tty->length > 1 && byte_is_continuation(tty->line[tty->length - 1])) {
        tty->length--;
    }
    tty->length--;
    device_write(tty, "\b \b", 3);
    if (byte_is_control(tty->line[tty->length])) {
        device_write(tty, "\b \b", 3);
    }
}

static void erase_line(struct tty *tty) {
    while (tty->length != 0) {
        erase_character(tty);
    }
}

static void complete_line(struct tty *tty) {
    tty->line[tty->length++] = '\n';
    tty->complete = true;
    device_write(tty, "\r\n", 2);
}

/* One byte is kept free for the '\n' that ends the line. */
static void append(struct tty *tty, char byte) {
    if (tty->length + 1 == TTY_LINE_SIZE) {
        device_write(tty, &(char){KEY_BELL}, 1);
        return;
    }
    tty->line[tty->length++] = byte;
    echo(tty, byte);
}

static void tty_type(struct tty *tty, char byte) {
    switch (byte) {
    case '\r':
    case '\n':
        complete_line(tty);
        break;
    case KEY_BACKSPACE:
    case KEY_DELETE:
        erase_character(tty);
        break;
    case KEY_KILL:
        erase_line(tty);
        break;
    case KEY_INTERRUPT:
        echo(tty, byte);
        device_write(tty, "\r\n", 2);
        tty->length = 0;
        break;
    case KEY_END_OF_FILE:
        tty->complete = true;
        break;
    default:
        append(tty, byte);
        break;
    }
}

static void wait_for_line(struct tty *tty) {
    while (!tty->complete) {
        char byte;
        if (tty->device->read(tty->device->context, &byte)) {
            tty_type(tty, byte);
        } else {
            tty->device->wait(tty->device->context);
        }
    }
}

size_t tty_read(struct tty *tty, char *buffer, size_t size) {
    if (size == 0) {
        return 0;
    }
    wait_for_line(tty);
    size_t left = tty->length - tty->read;
    size_t count = size < left ? size : left;
    memcpy(buffer, &tty->line[tty->read], count);
    tty->read += count;
    if (tty->read == tty->length) {
        tty->length = 0;
        tty->read = 0;
        tty->complete = false;
    }
    return count;
}
