/* The state machine of keys.h. */
#include "kernel/console/keys.h"

#include <string.h>

static const char index_keys[] = "123456789abcefgijmouvwyz";

static const struct {
    uint8_t key;
    enum keys_action action;
} commands[] = {
    {'n', KEYS_NEXT},     {'r', KEYS_RAW},         {'l', KEYS_LIST},         {'h', KEYS_HELP}, {'?', KEYS_HELP},
    {'p', KEYS_PAUSE},    {'s', KEYS_STATISTICS},  {'t', KEYS_TRACE},        {'d', KEYS_DUMP}, {'q', KEYS_ASK_QUIT},
    {'k', KEYS_ASK_STOP}, {'x', KEYS_ASK_RESTART}, {KEYS_PREFIX, KEYS_SEND},
};

char keys_of_index(unsigned index) {
    return index < sizeof(index_keys) - 1 ? index_keys[index] : '\0';
}

static struct keys_event command_of(uint8_t byte) {
    for (size_t index = 0; index < sizeof(commands) / sizeof(commands[0]); index++) {
        if (commands[index].key == byte) {
            return (struct keys_event){.action = commands[index].action};
        }
    }
    const char *found = memchr(index_keys, byte, sizeof(index_keys) - 1);

    if (found == nullptr) {
        return (struct keys_event){.action = KEYS_UNKNOWN};
    }
    return (struct keys_event){.action = KEYS_SELECT, .index = (unsigned)(found - index_keys)};
}

/* What yes means after a command; KEYS_NOTHING: it does not ask. */
static enum keys_action confirmed_by_yes(enum keys_action action) {
    switch (action) {
    case KEYS_ASK_QUIT:
        return KEYS_QUIT;
    case KEYS_ASK_STOP:
        return KEYS_STOP;
    case KEYS_ASK_RESTART:
        return KEYS_RESTART;
    default:
        return KEYS_NOTHING;
    }
}

struct keys_event keys_press(struct keys *keys, uint8_t byte) {
    struct keys_event event = {.action = KEYS_SEND};

    switch (keys->state) {
    case KEYS_PLAIN:
        if (byte == KEYS_PREFIX) {
            keys->state = KEYS_COMMAND;
            event.action = KEYS_NOTHING;
        }
        return event;
    case KEYS_COMMAND:
        event = command_of(byte);
        keys->confirmed = confirmed_by_yes(event.action);
        keys->state = keys->confirmed != KEYS_NOTHING ? KEYS_CONFIRM : KEYS_PLAIN;
        return event;
    case KEYS_CONFIRM:
        keys->state = KEYS_PLAIN;
        event.action = byte == 'y' || byte == 'Y' ? keys->confirmed : KEYS_STAY;
        return event;
    }
    return event;
}
