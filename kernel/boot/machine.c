/* What was read of the machine, and the words of its boot arguments. */
#include "kernel/boot/machine.h"

#include <string.h>

struct machine machine;

bool machine_bootarg(const char *name, char *out_value, size_t size) {
    size_t name_size = strlen(name);
    const char *word = machine.bootargs;
    while (*word != '\0') {
        size_t length = strcspn(word, " ");
        if (length >= name_size && memcmp(word, name, name_size) == 0 &&
            (length == name_size || word[name_size] == '=')) {
            size_t skip = length == name_size ? name_size : name_size + 1;
            size_t value_size = length - skip < size - 1 ? length - skip : size - 1;
            memcpy(out_value, word + skip, value_size);
            out_value[value_size] = '\0';
            return true;
        }
        word += length;
        word += strspn(word, " ");
    }
    return false;
}
