/*
 * The terminal: lines in, text out, over a device that moves bytes. It gives a program what Linux's canonical mode
 * gives it: a line at a time, echoed and editable until Enter; Enter is '\n' whether the terminal sends CR or LF; '\n'
 * leaves as CR LF.
 *
 *   Backspace, DEL  erase a character (all bytes of a UTF-8 one)     Ctrl-U  erase the line
 *   Ctrl-D          end of file on an empty line, else hand over what is there without an end of line
 *   Ctrl-C          throw the line away                              others  shown as ^X
 *
 * Bytes are taken from the device only while a program waits for a line: what is typed ahead stays in the device.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { TTY_LINE_SIZE = 1024 };

struct tty_device {
    void *context;
    /* Takes all of it; a device that is stuck drops what it cannot take after a while. */
    void (*write)(void *context, const char *bytes, size_t size);
    /* One byte if there is one. */
    bool (*read)(void *context, char *out_byte);
    /* Sleeps a little, while there is nothing to read. */
    void (*wait)(void *context);
};

struct tty {
    const struct tty_device *device;
    char line[TTY_LINE_SIZE];
    /* While the line is being typed, and when it is complete. */
    size_t length;
    bool complete;
    /* How much of a complete line was read already. */
    size_t read;
    /* Whether the cursor is where a line begins, as far as the tty moved it. */
    bool at_line_start;
};

void tty_init(struct tty *tty, const struct tty_device *device);

void tty_write(struct tty *tty, const char *text, size_t size);

/* Ends the line that was begun, if one was. */
void tty_start_line(struct tty *tty);

/* Waits for a line and reads what fits of it; the rest stays for the next call. 0 is end of file, or a size of 0. */
size_t tty_read(struct tty *tty, char *buffer, size_t size);
