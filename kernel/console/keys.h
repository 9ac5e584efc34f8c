/*
 * What a key means: all keys go to the guest that has the keyboard, but for Ctrl-] and the one after it. A pure state
 * machine; the console does what it says.
 */
#pragma once

#include <stdint.h>

enum {
    KEYS_PREFIX = 0x1d, /* Ctrl-] */
};

enum keys_action {
    KEYS_NOTHING, /* part of a command */
    KEYS_SEND,    /* the byte goes to the guest */
    KEYS_SELECT,  /* the guest at `index` gets the keyboard */
    KEYS_NEXT,    /* the next guest gets it */
    KEYS_RAW,     /* raw view of the guest that has the keyboard, or back */
    KEYS_LIST,
    KEYS_HELP,
    KEYS_PAUSE,       /* the guest that has the keyboard, or it goes on */
    KEYS_STATISTICS,  /* what all guests have used */
    KEYS_TRACE,       /* on or off */
    KEYS_DUMP,        /* the trace */
    KEYS_ASK_QUIT,    /* the next key decides, as after the other two */
    KEYS_ASK_STOP,    /* of the guest that has the keyboard */
    KEYS_ASK_RESTART, /* likewise */
    KEYS_QUIT,
    KEYS_STOP,
    KEYS_RESTART,
    KEYS_STAY,    /* the answer was not yes */
    KEYS_UNKNOWN, /* no such command */
};

enum keys_state {
    KEYS_PLAIN,
    KEYS_COMMAND, /* after Ctrl-] */
    KEYS_CONFIRM, /* after one that asks */
};

struct keys {
    enum keys_state state;      /* zeroed memory is KEYS_PLAIN */
    enum keys_action confirmed; /* while KEYS_CONFIRM: what yes means */
};

struct keys_event {
    enum keys_action action;
    unsigned index; /* of KEYS_SELECT */
};

struct keys_event keys_press(struct keys *keys, uint8_t byte);

/* The key that selects the guest at an index (1 to 9, then the letters that are no command), or 0 beyond the last. */
char keys_of_index(unsigned index);
