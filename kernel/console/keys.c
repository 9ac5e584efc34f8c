/* The state machine of keys.h. */
#include "kernel/console/keys.h"

#include <string.h>

static const char index_keys[] = "123456789abcdefgijkmopstuvwxyz";

static const struct {
    uint8_t key;
    enum keys_action action;
} commands[] = {
    {'n', KEYS_NEXT}, {'r', KEYS_RAW},      {'l', KEYS_LIST},         {'h', KEYS_HELP},
    {'?', KEYS_HELP}, {'q', KEYS_ASK_QUIT}, {KEYS_PREFIX, KEYS_SEND},
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
        keys->state = event.action == KEYS_ASK_QUIT ? KEYS_CONFIRM : KEYS_PLAIN;
        return event;
    case KEYS_CONFIRM:
        keys->state = KEYS_PLAIN;
        event.action = byte == 'y' || byte == 'Y' ? KEYS_QUIT : KEYS_STAY;
        return event;
    }
    return event;
}
