/*
 * The option table and what each row does. Words come from argv or from a description file; the parser remembers which,
 * for the sentence that says what is wrong, and the folder that relative paths count from.
 */
#include "tools/packer/options.h"

#include "lib/manifest/manifest.h"
#include "lib/sizes.h"
#include "tools/packer/file.h"
#include "tools/packer/number.h"
#include "tools/packer/text.h"
#include "tools/packer/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct options *options;
    struct refusal *refusal;
    const char *directory; /* relative paths count from here; "" for the current one */
    char *command_line_directory;
    const char *file; /* the description file, or null for the command line */
    unsigned line;
};

enum option_place { ANYWHERE, COMMAND_LINE };

struct option {
    const char *name;
    enum option_place place;
    bool takes_value;
    bool is_for_guest;
    status_t (*apply)(struct parser *parser, const char *name, const char *value);
};

/* Like refuse(), with the file and line in front where there is one. */
[[gnu::format(printf, 2, 3)]]
static status_t refuse_word(struct parser *parser, const char *format, ...) {
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    if (parser->file == nullptr) {
        return refuse(parser->refusal, STATUS_INVALID, "%s", sentence);
    }
    return refuse(parser->refusal, STATUS_INVALID, "%s:%u: %s", parser->file, parser->line, sentence);
}

static struct guest_options *last_guest(const struct parser *parser) {
    return &parser->options->guests[parser->options->guest_count - 1];
}

/* Puts `text`, which may be null for out of memory, into a slot that must be free. Owns `text`. */
static status_t set_slot(struct parser *parser, const char *name, char **slot, char *text) {
    if (text == nullptr) {
        return refuse(parser->refusal, STATUS_NO_MEMORY, "out of memory");
    }
    if (*slot != nullptr) {
        free(text);
        return refuse_word(parser, "%s is given twice", name);
    }
    *slot = text;
    return STATUS_OK;
}

static status_t set_text(struct parser *parser, const char *name, char **slot, const char *value) {
    return set_slot(parser, name, slot, text_format("%s", value));
}

static status_t set_path(struct parser *parser, const char *name, char **slot, const char *value) {
    if (value[0] == '\0') {
        return refuse_word(parser, "%s needs a file", name);
    }
    return set_slot(parser, name, slot, text_join_path(parser->directory, value));
}

static status_t apply_help(struct parser *parser, const char *, const char *) {
    parser->options->wants_help = true;
    return STATUS_OK;
}

static status_t apply_output(struct parser *parser, const char *name, const char *value) {
    return set_text(parser, name, &parser->options->output, value);
}

static status_t apply_list(struct parser *parser, const char *name, const char *value) {
    return set_text(parser, name, &parser->options->list, value);
}

static status_t apply_directory(struct parser *parser, const char *name, const char *value) {
    status_t status = set_text(parser, name, &parser->command_line_directory, value);
    if (status == STATUS_OK) {
        parser->directory = parser->command_line_directory;
    }
    return status;
}

static status_t apply_hash(struct parser *parser, const char *name, const char *value) {
    if (fit_hash_kind_find(value, &parser->options->hash) != STATUS_OK) {
        return refuse_word(parser, "%s %s: choose sha256 or crc32", name, value);
    }
    return STATUS_OK;
}

static status_t apply_timestamp(struct parser *parser, const char *name, const char *value) {
    uint64_t timestamp;
    if (number_parse(value, UINT32_MAX, &timestamp) != STATUS_OK) {
        return refuse_word(parser, "%s %s: not a number of seconds since 1970 in 32 bits", name, value);
    }
    parser->options->timestamp = (uint32_t)timestamp;
    return STATUS_OK;
}

static status_t apply_xlen(struct parser *parser, const char *name, const char *value) {
    uint64_t xlen;
    if (number_parse(value, 64, &xlen) != STATUS_OK || (xlen != 32 && xlen != 64)) {
        return refuse_word(parser, "%s %s: choose 32 or 64", name, value);
    }
    parser->options->xlen = (unsigned)xlen;
    return STATUS_OK;
}

static status_t apply_guest(struct parser *parser, const char *name, const char *value) {
    if (parser->options->guest_count == MANIFEST_GUESTS_MAX) {
        return refuse_word(parser, "%s %s: there are already %u guests, the most there can be", name, value,
                           (unsigned)MANIFEST_GUESTS_MAX);
    }
    char *text = text_format("%s", value);
    if (text == nullptr) {
        return refuse(parser->refusal, STATUS_NO_MEMORY, "out of memory");
    }
    parser->options->guest_count++;
    *last_guest(parser) = (struct guest_options){.name = text};
    return STATUS_OK;
}

static status_t apply_kernel(struct parser *parser, const char *name, const char *value) {
    return set_path(parser, name, &last_guest(parser)->kernel, value);
}

static status_t apply_initrd(struct parser *parser, const char *name, const char *value) {
    return set_path(parser, name, &last_guest(parser)->ramdisk, value);
}

static status_t apply_bootargs(struct parser *parser, const char *name, const char *value) {
    return set_text(parser, name, &last_guest(parser)->bootargs, value);
}

static status_t apply_memory(struct parser *parser, const char *name, const char *value) {
    struct guest_options *guest = last_guest(parser);
    if (guest->memory != 0) {
        return refuse_word(parser, "%s is given twice", name);
    }
    if (sizes_parse(value, &guest->memory) != STATUS_OK || guest->memory == 0) {
        return refuse_word(parser, "%s %s: not a size such as 256M (bytes, or with K, M or G)", name, value);
    }
    return STATUS_OK;
}

static status_t apply_vcpus(struct parser *parser, const char *name, const char *value) {
    struct guest_options *guest = last_guest(parser);
    if (guest->vcpus != 0) {
        return refuse_word(parser, "%s is given twice", name);
    }
    uint64_t vcpus;
    if (number_parse(value, MANIFEST_VCPUS_MAX, &vcpus) != STATUS_OK || vcpus == 0) {
        return refuse_word(parser, "%s %s: not a number from 1 to %u", name, value, (unsigned)MANIFEST_VCPUS_MAX);
    }
    guest->vcpus = (uint32_t)vcpus;
    return STATUS_OK;
}

/* A number of 32 bits that is not 0, which says that the option was not given. */
static status_t set_number(struct parser *parser, const char *name, uint32_t *slot, const char *value) {
    if (*slot != 0) {
        return refuse_word(parser, "%s is given twice", name);
    }
    uint64_t number;
    if (number_parse(value, UINT32_MAX, &number) != STATUS_OK || number == 0) {
        return refuse_word(parser, "%s %s: not a number above 0 in 32 bits", name, value);
    }
    *slot = (uint32_t)number;
    return STATUS_OK;
}

static status_t apply_priority(struct parser *parser, const char *name, const char *value) {
    return set_number(parser, name, &last_guest(parser)->priority, value);
}

static status_t apply_weight(struct parser *parser, const char *name, const char *value) {
    return set_number(parser, name, &last_guest(parser)->weight, value);
}

static status_t apply_budget(struct parser *parser, const char *name, const char *value) {
    return set_number(parser, name, &last_guest(parser)->budget, value);
}

static status_t apply_period(struct parser *parser, const char *name, const char *value) {
    return set_number(parser, name, &last_guest(parser)->period, value);
}

/* "0,2" becomes two numbers; false: it is not a list of numbers, or too long a one. */
static bool split_numbers(char *list, uint32_t *numbers, uint32_t max, uint32_t *out_count) {
    uint32_t count = 0;
    for (char *item = list; item != nullptr;) {
        char *comma = strchr(item, ',');
        uint64_t number;
        if (comma != nullptr) {
            *comma = '\0';
        }
        if (count == max || number_parse(item, UINT32_MAX, &number) != STATUS_OK) {
            return false;
        }
        numbers[count++] = (uint32_t)number;
        item = comma != nullptr ? comma + 1 : nullptr;
    }
    *out_count = count;
    return true;
}

static status_t apply_affinity(struct parser *parser, const char *name, const char *value) {
    struct guest_options *guest = last_guest(parser);
    if (guest->affinity_count != 0) {
        return refuse_word(parser, "%s is given twice", name);
    }
    char *list = text_format("%s", value);
    if (list == nullptr) {
        return refuse(parser->refusal, STATUS_NO_MEMORY, "out of memory");
    }
    bool is_list = split_numbers(list, guest->affinity, MANIFEST_AFFINITY_MAX, &guest->affinity_count);
    free(list);
    if (!is_list) {
        return refuse_word(parser, "%s %s: not a list such as 0,2,3 of at most %u hart ids", name, value,
                           (unsigned)MANIFEST_AFFINITY_MAX);
    }
    return STATUS_OK;
}

static status_t apply_restart(struct parser *parser, const char *name, const char *value) {
    return set_text(parser, name, &last_guest(parser)->restart, value);
}

static status_t apply_restart_backoff(struct parser *parser, const char *name, const char *value) {
    return set_number(parser, name, &last_guest(parser)->backoff_ms, value);
}

static status_t apply_restart_limit(struct parser *parser, const char *name, const char *value) {
    return set_number(parser, name, &last_guest(parser)->restart_limit, value);
}

static status_t apply_watchdog(struct parser *parser, const char *name, const char *value) {
    return set_number(parser, name, &last_guest(parser)->watchdog_ms, value);
}

static status_t apply_keyboard(struct parser *parser, const char *, const char *) {
    last_guest(parser)->has_keyboard = true;
    return STATUS_OK;
}

/* "a,b" becomes "a\0b\0". */
static status_t apply_hide_extensions(struct parser *parser, const char *name, const char *value) {
    struct guest_options *guest = last_guest(parser);
    status_t status = set_text(parser, name, &guest->hidden, value);
    if (status != STATUS_OK) {
        return status;
    }
    guest->hidden_size = strlen(value) + 1;
    for (char *comma = strchr(guest->hidden, ','); comma != nullptr; comma = strchr(comma + 1, ',')) {
        *comma = '\0';
    }
    return STATUS_OK;
}

static status_t apply_isolation(struct parser *parser, const char *name, const char *value) {
    enum manifest_isolation isolation;
    if (manifest_isolation_find(value, &isolation) != STATUS_OK) {
        return refuse_word(parser, "%s %s: choose auto, pmp or gstage", name, value);
    }
    return set_text(parser, name, &last_guest(parser)->isolation, value);
}

static status_t apply_ram_address(struct parser *parser, const char *name, const char *value) {
    struct guest_options *guest = last_guest(parser);
    if (guest->has_ram_address) {
        return refuse_word(parser, "%s is given twice", name);
    }
    if (sizes_parse(value, &guest->ram_address) != STATUS_OK) {
        return refuse_word(parser, "%s %s: not an address such as 0x80000000", name, value);
    }
    guest->has_ram_address = true;
    return STATUS_OK;
}

static status_t apply_description(struct parser *parser, const char *name, const char *value);

static const struct option option_table[] = {
    {"--affinity", ANYWHERE, true, true, apply_affinity},
    {"--bootargs", ANYWHERE, true, true, apply_bootargs},
    {"--budget", ANYWHERE, true, true, apply_budget},
    {"--description", COMMAND_LINE, true, false, apply_description},
    {"--directory", COMMAND_LINE, true, false, apply_directory},
    {"--guest", ANYWHERE, true, false, apply_guest},
    {"--hash", ANYWHERE, true, false, apply_hash},
    {"--help", COMMAND_LINE, false, false, apply_help},
    {"--hide-extensions", ANYWHERE, true, true, apply_hide_extensions},
    {"--initrd", ANYWHERE, true, true, apply_initrd},
    {"--isolation", ANYWHERE, true, true, apply_isolation},
    {"--kernel", ANYWHERE, true, true, apply_kernel},
    {"--keyboard", ANYWHERE, false, true, apply_keyboard},
    {"--list", COMMAND_LINE, true, false, apply_list},
    {"--memory", ANYWHERE, true, true, apply_memory},
    {"--output", COMMAND_LINE, true, false, apply_output},
    {"--period", ANYWHERE, true, true, apply_period},
    {"--priority", ANYWHERE, true, true, apply_priority},
    {"--ram-address", ANYWHERE, true, true, apply_ram_address},
    {"--restart", ANYWHERE, true, true, apply_restart},
    {"--restart-backoff", ANYWHERE, true, true, apply_restart_backoff},
    {"--restart-limit", ANYWHERE, true, true, apply_restart_limit},
    {"--timestamp", ANYWHERE, true, false, apply_timestamp},
    {"--vcpus", ANYWHERE, true, true, apply_vcpus},
    {"--watchdog", ANYWHERE, true, true, apply_watchdog},
    {"--weight", ANYWHERE, true, true, apply_weight},
    {"--xlen", ANYWHERE, true, false, apply_xlen},
};

static const struct option *find_option(const char *name) {
    for (size_t index = 0; index < sizeof(option_table) / sizeof(option_table[0]); index++) {
        if (strcmp(option_table[index].name, name) == 0) {
            return &option_table[index];
        }
    }
    return nullptr;
}

/* Boot arguments may start with dashes; for all others that is the next option, and the value was forgotten. */
static bool is_value(const struct option *option, const char *word) {
    return word != nullptr && (option->apply == apply_bootargs || strncmp(word, "--", 2) != 0);
}

/* Applies the option `word`, whose value would be `next` (null at the end); says how many words it took. */
static status_t apply_word(struct parser *parser, const char *word, const char *next, size_t *out_taken) {
    const struct option *option = find_option(word);
    if (option == nullptr) {
        return refuse_word(parser, "%s: there is no such option", word);
    }
    if (option->place == COMMAND_LINE && parser->file != nullptr) {
        return refuse_word(parser, "%s belongs on the command line", word);
    }
    if (option->takes_value && !is_value(option, next)) {
        return refuse_word(parser, "%s needs a value", word);
    }
    if (option->is_for_guest && parser->options->guest_count == 0) {
        return refuse_word(parser, "%s comes before the first --guest", word);
    }
    *out_taken = option->takes_value ? 2 : 1;
    return option->apply(parser, option->name, option->takes_value ? next : nullptr);
}

static status_t apply_words(struct parser *parser, const struct words *words) {
    for (size_t index = 0, taken; index < words->count; index += taken) {
        const char *next = index + 1 < words->count ? words->items[index + 1].text : nullptr;
        parser->line = words->items[index].line;
        status_t status = apply_word(parser, words->items[index].text, next, &taken);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* Words of the file count their paths from the file's folder; what follows it on the command line does not. */
static status_t apply_file_words(struct parser *parser, const char *path, const struct words *words) {
    char *directory = text_directory_of(path);
    if (directory == nullptr) {
        return refuse(parser->refusal, STATUS_NO_MEMORY, "out of memory");
    }
    struct parser inner = *parser;
    inner.directory = directory;
    inner.file = path;
    status_t status = apply_words(&inner, words);
    free(directory);
    return status;
}

static status_t apply_file(struct parser *parser, const char *path) {
    struct buffer text;
    status_t status = file_read(path, &text, parser->refusal);
    if (status != STATUS_OK) {
        return status;
    }
    struct words words = {};
    status = words_split(path, (const char *)text.data, text.size, &words, parser->refusal);
    buffer_free(&text);
    if (status == STATUS_OK) {
        status = apply_file_words(parser, path, &words);
    }
    words_free(&words);
    return status;
}

static status_t apply_description(struct parser *parser, const char *name, const char *value) {
    char *path = nullptr;
    status_t status = set_path(parser, name, &path, value);
    if (status == STATUS_OK) {
        status = apply_file(parser, path);
    }
    free(path);
    return status;
}

static status_t apply_command_line(struct parser *parser, int argc, char *const argv[]) {
    for (size_t index = 1, taken; index < (size_t)argc; index += taken) {
        const char *word = argv[index];
        const char *next = index + 1 < (size_t)argc ? argv[index + 1] : nullptr;
        status_t status;
        if (word[0] == '@') {
            taken = 1;
            status = apply_description(parser, "@", word + 1);
        } else {
            status = apply_word(parser, word, next, &taken);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static status_t complete_guest(struct parser *parser, struct guest_options *guest) {
    if (guest->kernel == nullptr) {
        return refuse(parser->refusal, STATUS_INVALID, "guest %s has no --kernel", guest->name);
    }
    if (guest->memory == 0) {
        guest->memory = OPTIONS_MEMORY_DEFAULT;
    }
    if (guest->vcpus == 0) {
        guest->vcpus = 1;
    }
    return STATUS_OK;
}

/* Checks what only all options together show, and puts in the defaults. */
static status_t complete(struct parser *parser) {
    struct options *options = parser->options;
    if (options->wants_help) {
        return STATUS_OK;
    }
    if (options->list != nullptr && (options->output != nullptr || options->guest_count != 0)) {
        return refuse(parser->refusal, STATUS_INVALID, "--list stands alone");
    }
    if (options->list != nullptr) {
        return STATUS_OK;
    }
    if (options->output == nullptr) {
        return refuse(parser->refusal, STATUS_INVALID, "--output is missing");
    }
    if (options->guest_count == 0) {
        return refuse(parser->refusal, STATUS_INVALID, "no --guest is given");
    }
    for (size_t index = 0; index < options->guest_count; index++) {
        status_t status = complete_guest(parser, &options->guests[index]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static status_t apply_environment(struct parser *parser, const char *source_date_epoch) {
    if (source_date_epoch == nullptr || source_date_epoch[0] == '\0') {
        return STATUS_OK;
    }
    return apply_timestamp(parser, "SOURCE_DATE_EPOCH", source_date_epoch);
}

status_t options_parse(int argc, char *const argv[], const char *source_date_epoch, struct options *out_options,
                       struct refusal *out_refusal) {
    struct options options = {.hash = FIT_HASH_SHA256, .xlen = 64};
    struct parser parser = {.options = &options, .refusal = out_refusal, .directory = ""};
    status_t status = apply_environment(&parser, source_date_epoch);
    if (status == STATUS_OK) {
        status = apply_command_line(&parser, argc, argv);
    }
    if (status == STATUS_OK) {
        status = complete(&parser);
    }
    free(parser.command_line_directory);
    if (status == STATUS_OK) {
        *out_options = options;
    } else {
        options_free(&options);
    }
    return status;
}

void options_free(struct options *options) {
    for (size_t index = 0; index < options->guest_count; index++) {
        struct guest_options *guest = &options->guests[index];
        free(guest->name);
        free(guest->kernel);
        free(guest->ramdisk);
        free(guest->bootargs);
        free(guest->hidden);
        free(guest->isolation);
        free(guest->restart);
    }
    free(options->output);
    free(options->list);
    *options = (struct options){};
}

const char *options_help(void) {
    return "usage: packer --output FILE [options] --guest NAME --kernel FILE [guest options] [--guest ...]\n"
           "       packer --output FILE [options] @DESCRIPTION\n"
           "       packer --list FILE\n"
           "\n"
           "Makes the guest manifest, a FIT image, that the Diosix kernel starts its guests from.\n"
           "\n"
           "options:\n"
           "  --output FILE           what to write\n"
           "  --hash sha256|crc32     how images are protected against damage (sha256)\n"
           "  --xlen 32|64            the machine's register width (64)\n"
           "  --timestamp N           seconds since 1970, for the FIT (SOURCE_DATE_EPOCH, else 0)\n"
           "  --directory DIR         paths after it that are relative count from here\n"
           "  --description FILE      more options, from a file: as here, # comments, quotes; relative\n"
           "                          paths count from the file's folder; also written @FILE\n"
           "  --list FILE             verify and list a FIT instead\n"
           "  --help                  this text\n"
           "\n"
           "guest options, for the --guest before them:\n"
           "  --kernel FILE           Linux Image or ELF; required\n"
           "  --initrd FILE           ramdisk\n"
           "  --bootargs TEXT         what the guest finds in /chosen/bootargs\n"
           "  --memory SIZE           RAM in bytes, or with K, M or G (128M)\n"
           "  --vcpus N               virtual harts (1)\n"
           "  --keyboard              gets the keyboard at first; one guest at most\n"
           "  --hide-extensions A,B   ISA extensions that the guest does not see\n"
           "  --weight N              share of the harts' time against other guests, 1 to 1000 (100)\n"
           "  --priority N            instead: before all with a lower one or a weight, 1 to 31\n"
           "  --budget US             reserved for each virtual hart in every period, before all that\n"
           "  --period US             of the reservation, in microseconds like the budget\n"
           "  --affinity A,B          ids of the harts that may run it (all)\n"
           "  --restart WHEN          never, on-crash or always (never)\n"
           "  --restart-backoff MS    wait before the first restart in a row; it doubles (100)\n"
           "  --restart-limit N       restarts in a row, then it stays off (no limit)\n"
           "  --watchdog MS           restart it as after a crash when it shows no sign of life (none)\n";
}
