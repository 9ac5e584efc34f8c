/*
 * The reader of the guest description.
 *
 * The tree is bounded in size and checked as a whole first, which bounds every loop below. A guest's properties are
 * read by walking all of them, each by its row of a table, so that one that has no row is noticed.
 */
#include "lib/manifest/manifest.h"

#include "lib/bytes.h"
#include "lib/fit/fit_tree.h"

#include <libfdt.h>
#include <string.h>

/* A property as libfdt gives it; `name` is known to be harmless once it was found in a table. */
struct property {
    const char *name;
    const char *value;
    size_t size;
};

/* What the steps of reading one guest share. */
struct reading {
    const void *blob;
    struct manifest *manifest;
    struct manifest_guest *guest;
    struct fit_reason *reason;
};

/* A value that breaks the rule that `what` says. */
static status_t refuse_value(const struct reading *reading, const char *property, const char *what) {
    return fit_refuse(reading->reason, STATUS_INVALID, "guest %s: %s %s", reading->guest->name, property, what);
}

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* A text of 1 to size - 1 characters that starts with a letter and goes on with letters, digits and `also`. */
static bool is_word(const char *text, size_t size, const char *also) {
    size_t length = strnlen(text, size);
    if (length == 0 || length == size || !is_lower(text[0])) {
        return false;
    }
    for (size_t index = 1; index < length; index++) {
        if (!is_lower(text[index]) && !is_digit(text[index]) && strchr(also, text[index]) == NULL) {
            return false;
        }
    }
    return true;
}

/* The value is one string: its only NUL is the last byte. */
static bool is_string(const struct property *property) {
    return property->size > 0 && memchr(property->value, '\0', property->size) == property->value + property->size - 1;
}

static bool is_printable(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~') {
            return false;
        }
    }
    return true;
}

static status_t read_image_name(const struct reading *reading, const struct property *property, const char **out_name) {
    if (!is_string(property) || !fit_name_is_valid(property->value)) {
        return refuse_value(reading, property->name, "is not the name of an image");
    }
    *out_name = property->value;
    return STATUS_OK;
}

static status_t read_kernel(const struct reading *reading, const struct property *property) {
    return read_image_name(reading, property, &reading->guest->kernel);
}

static status_t read_ramdisk(const struct reading *reading, const struct property *property) {
    return read_image_name(reading, property, &reading->guest->ramdisk);
}

static status_t read_bootargs(const struct reading *reading, const struct property *property) {
    if (!is_string(property) || !is_printable(property->value)) {
        return refuse_value(reading, property->name, "is not one string of printable ASCII");
    }
    if (property->size > MANIFEST_BOOTARGS_SIZE) {
        return fit_refuse(reading->reason, STATUS_TOO_BIG, "guest %s: %s is longer than %u characters",
                          reading->guest->name, property->name, (unsigned)MANIFEST_BOOTARGS_SIZE - 1);
    }
    reading->guest->bootargs = property->value;
    return STATUS_OK;
}

static status_t read_memory(const struct reading *reading, const struct property *property) {
    if (property->size != sizeof(uint64_t)) {
        return refuse_value(reading, property->name, "is not one number of 64 bits");
    }
    uint64_t memory = load_be64((const uint8_t *)property->value);
    if (memory == 0 || memory % MANIFEST_MEMORY_ALIGN != 0) {
        return refuse_value(reading, property->name, "is not a multiple of 4 KiB above 0");
    }
    if (memory > MANIFEST_MEMORY_MAX) {
        return fit_refuse(reading->reason, STATUS_TOO_BIG, "guest %s: %s is more than any machine has",
                          reading->guest->name, property->name);
    }
    reading->guest->memory = memory;
    return STATUS_OK;
}

/* A number from `least` to `most`. */
static status_t read_number(const struct reading *reading, const struct property *property, uint32_t least,
                            uint32_t most, uint32_t *out_number) {
    if (property->size != sizeof(uint32_t)) {
        return refuse_value(reading, property->name, "is not one number of 32 bits");
    }
    uint32_t number = load_be32((const uint8_t *)property->value);
    if (number < least || number > most) {
        return fit_refuse(reading->reason, STATUS_INVALID, "guest %s: %s is %u, not %u to %u", reading->guest->name,
                          property->name, (unsigned)number, (unsigned)least, (unsigned)most);
    }
    *out_number = number;
    return STATUS_OK;
}

static status_t read_priority(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, 1, MANIFEST_PRIORITY_MAX, &reading->guest->priority);
}

static status_t read_weight(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, 1, MANIFEST_WEIGHT_MAX, &reading->guest->weight);
}

static status_t read_budget(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, MANIFEST_BUDGET_MIN, MANIFEST_PERIOD_MAX, &reading->guest->budget);
}

static status_t read_period(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, MANIFEST_PERIOD_MIN, MANIFEST_PERIOD_MAX, &reading->guest->period);
}

static status_t read_affinity(const struct reading *reading, const struct property *property) {
    size_t count = property->size / sizeof(uint32_t);
    if (count == 0 || property->size % sizeof(uint32_t) != 0) {
        return refuse_value(reading, property->name, "is not a list of numbers of 32 bits");
    }
    if (count > MANIFEST_AFFINITY_MAX) {
        return fit_refuse(reading->reason, STATUS_TOO_BIG, "guest %s: %s has more than %u entries",
                          reading->guest->name, property->name, (unsigned)MANIFEST_AFFINITY_MAX);
    }
    reading->guest->affinity = (const uint8_t *)property->value;
    reading->guest->affinity_count = (uint32_t)count;
    return STATUS_OK;
}

static status_t read_vcpus(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, 1, MANIFEST_VCPUS_MAX, &reading->guest->vcpus);
}

static status_t read_keyboard(const struct reading *reading, const struct property *property) {
    if (property->size != 0) {
        return refuse_value(reading, property->name, "has a value, but is a flag");
    }
    for (size_t index = 0; index < reading->manifest->guest_count; index++) {
        if (reading->manifest->guests[index].has_keyboard) {
            return fit_refuse(reading->reason, STATUS_INVALID, "guests %s and %s: both have %s",
                              reading->manifest->guests[index].name, reading->guest->name, property->name);
        }
    }
    reading->guest->has_keyboard = true;
    return STATUS_OK;
}

static status_t read_hide_extensions(const struct reading *reading, const struct property *property) {
    if (property->size == 0 || property->value[property->size - 1] != '\0') {
        return refuse_value(reading, property->name, "is not a list of strings");
    }
    unsigned count = 0;
    for (size_t position = 0; position < property->size; position += strlen(property->value + position) + 1) {
        if (!is_word(property->value + position, MANIFEST_EXTENSION_NAME_SIZE, "")) {
            return refuse_value(reading, property->name, "has an entry that is not lower-case letters and digits");
        }
        count++;
    }
    if (count > MANIFEST_HIDDEN_EXTENSIONS_MAX) {
        return fit_refuse(reading->reason, STATUS_TOO_BIG, "guest %s: %s has more than %u entries",
                          reading->guest->name, property->name, (unsigned)MANIFEST_HIDDEN_EXTENSIONS_MAX);
    }
    reading->guest->hidden = property->value;
    reading->guest->hidden_size = property->size;
    return STATUS_OK;
}

status_t manifest_isolation_find(const char *word, enum manifest_isolation *out_isolation) {
    static const char *const words[] = {
        [MANIFEST_ISOLATION_AUTO] = MANIFEST_ISOLATION_WORD_AUTO,
        [MANIFEST_ISOLATION_PMP] = MANIFEST_ISOLATION_WORD_PMP,
        [MANIFEST_ISOLATION_GSTAGE] = MANIFEST_ISOLATION_WORD_GSTAGE,
    };
    for (unsigned index = 0; index < sizeof words / sizeof words[0]; index++) {
        if (strcmp(word, words[index]) == 0) {
            *out_isolation = (enum manifest_isolation)index;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static status_t read_isolation(const struct reading *reading, const struct property *property) {
    if (!is_string(property) || manifest_isolation_find(property->value, &reading->guest->isolation) != STATUS_OK) {
        return refuse_value(reading, property->name, "is not auto, pmp or gstage");
    }
    return STATUS_OK;
}

static status_t read_ram_address(const struct reading *reading, const struct property *property) {
    if (property->size != sizeof(uint64_t)) {
        return refuse_value(reading, property->name, "is not one number of 64 bits");
    }
    uint64_t address = load_be64((const uint8_t *)property->value);
    if (address % MANIFEST_RAM_ADDRESS_ALIGN != 0) {
        return refuse_value(reading, property->name, "is not a multiple of 4 MiB");
    }
    if (address > MANIFEST_RAM_ADDRESS_MAX) {
        return fit_refuse(reading->reason, STATUS_TOO_BIG, "guest %s: %s is beyond what any machine can address",
                          reading->guest->name, property->name);
    }
    reading->guest->has_ram_address = true;
    reading->guest->ram_address = address;
    return STATUS_OK;
}

static status_t read_restart(const struct reading *reading, const struct property *property) {
    static const char *const names[] = {
        [MANIFEST_RESTARTS_NEVER] = MANIFEST_RESTART_NEVER,
        [MANIFEST_RESTARTS_ON_CRASH] = MANIFEST_RESTART_ON_CRASH,
        [MANIFEST_RESTARTS_ALWAYS] = MANIFEST_RESTART_ALWAYS,
    };
    for (unsigned index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        if (is_string(property) && strcmp(property->value, names[index]) == 0) {
            reading->guest->restart = (enum manifest_restart)index;
            return STATUS_OK;
        }
    }
    return refuse_value(reading, property->name, "is not never, on-crash or always");
}

static status_t read_restart_backoff(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, MANIFEST_BACKOFF_MIN_MS, MANIFEST_BACKOFF_MAX_MS,
                       &reading->guest->backoff_ms);
}

static status_t read_restart_limit(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, 1, UINT32_MAX, &reading->guest->restart_limit);
}

static status_t read_watchdog(const struct reading *reading, const struct property *property) {
    return read_number(reading, property, MANIFEST_WATCHDOG_MIN_MS, MANIFEST_WATCHDOG_MAX_MS,
                       &reading->guest->watchdog_ms);
}

struct property_row {
    const char *name;
    status_t (*read)(const struct reading *reading, const struct property *property);
};

static const struct property_row property_table[] = {
    {MANIFEST_GUEST_AFFINITY, read_affinity},
    {MANIFEST_GUEST_BOOTARGS, read_bootargs},
    {MANIFEST_GUEST_BUDGET, read_budget},
    {MANIFEST_GUEST_HIDE_EXTENSIONS, read_hide_extensions},
    {MANIFEST_GUEST_ISOLATION, read_isolation},
    {MANIFEST_GUEST_KERNEL, read_kernel},
    {MANIFEST_GUEST_KEYBOARD, read_keyboard},
    {MANIFEST_GUEST_MEMORY, read_memory},
    {MANIFEST_GUEST_PERIOD, read_period},
    {MANIFEST_GUEST_PRIORITY, read_priority},
    {MANIFEST_GUEST_RAMDISK, read_ramdisk},
    {MANIFEST_GUEST_RAM_ADDRESS, read_ram_address},
    {MANIFEST_GUEST_RESTART, read_restart},
    {MANIFEST_GUEST_RESTART_BACKOFF, read_restart_backoff},
    {MANIFEST_GUEST_RESTART_LIMIT, read_restart_limit},
    {MANIFEST_GUEST_VCPUS, read_vcpus},
    {MANIFEST_GUEST_WATCHDOG, read_watchdog},
    {MANIFEST_GUEST_WEIGHT, read_weight},
};

enum { PROPERTY_COUNT = sizeof(property_table) / sizeof(property_table[0]) };

static bool is_foreign(const char *name) {
    return strncmp(name, MANIFEST_FOREIGN_PREFIX, strlen(MANIFEST_FOREIGN_PREFIX)) == 0;
}

/* What to say of a property without a row: its name, if it is one that can be printed. */
static status_t refuse_unknown(const struct reading *reading, const char *name) {
    if (!is_word(name, MANIFEST_IMAGE_NAME_SIZE, "-")) {
        name = "?";
    }
    return fit_refuse(reading->reason, STATUS_UNSUPPORTED, "guest %s: property %s is not known in version %u",
                      reading->guest->name, name, MANIFEST_VERSION);
}

/* Reads one property; `seen` has a bit per row. */
static status_t read_property(const struct reading *reading, const struct property *property, uint32_t *seen) {
    if (is_foreign(property->name)) {
        return STATUS_OK;
    }
    for (unsigned row = 0; row < PROPERTY_COUNT; row++) {
        if (strcmp(property_table[row].name, property->name) != 0) {
            continue;
        }
        if ((*seen >> row & 1) != 0) {
            return refuse_value(reading, property->name, "stands there twice");
        }
        *seen |= UINT32_C(1) << row;
        return property_table[row].read(reading, property);
    }
    return refuse_unknown(reading, property->name);
}

static bool get_property(const void *blob, int offset, struct property *out_property) {
    int size;
    out_property->value = (const char *)fdt_getprop_by_offset(blob, offset, &out_property->name, &size);
    if (out_property->value == NULL) {
        return false;
    }
    out_property->size = (size_t)size;
    return true;
}

static status_t read_properties(const struct reading *reading, int node) {
    uint32_t seen = 0;
    int offset;
    fdt_for_each_property_offset(offset, reading->blob, node) {
        struct property property;
        if (!get_property(reading->blob, offset, &property)) {
            return fit_refuse(reading->reason, STATUS_CORRUPT, "guest %s: a property is damaged", reading->guest->name);
        }
        status_t status = read_property(reading, &property, &seen);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static status_t read_name(const struct reading *reading, int node) {
    const struct manifest *manifest = reading->manifest;
    const char *name = fdt_get_name(reading->blob, node, NULL);
    if (name == NULL || !is_word(name, MANIFEST_GUEST_NAME_SIZE, "-")) {
        return fit_refuse(reading->reason, STATUS_INVALID,
                          "guest %u has a name that is not 1 to %u of a-z, 0-9 and -, a letter first",
                          (unsigned)manifest->guest_count + 1, (unsigned)MANIFEST_GUEST_NAME_SIZE - 1);
    }
    for (size_t index = 0; index < manifest->guest_count; index++) {
        if (strcmp(manifest->guests[index].name, name) == 0) {
            return fit_refuse(reading->reason, STATUS_INVALID, "two guests are called %s", name);
        }
    }
    reading->guest->name = name;
    return STATUS_OK;
}

/* How the properties about scheduling go together; one without any shares fairly. */
static status_t check_scheduling(const struct reading *reading) {
    struct manifest_guest *guest = reading->guest;
    if (guest->priority != 0 && guest->weight != 0) {
        return refuse_value(reading, MANIFEST_GUEST_WEIGHT, "has no meaning beside a priority");
    }
    if ((guest->budget == 0) != (guest->period == 0)) {
        return refuse_value(reading, guest->budget == 0 ? MANIFEST_GUEST_BUDGET : MANIFEST_GUEST_PERIOD, "is missing");
    }
    if (guest->budget > guest->period) {
        return refuse_value(reading, MANIFEST_GUEST_BUDGET, "is more than its period");
    }
    if (guest->priority == 0 && guest->weight == 0 && guest->budget == 0) {
        guest->weight = MANIFEST_WEIGHT_DEFAULT;
    }
    return STATUS_OK;
}

/* What only all properties together show. */
static status_t check_guest(const struct reading *reading, int node) {
    const struct manifest_guest *guest = reading->guest;
    if (guest->kernel == NULL) {
        return refuse_value(reading, MANIFEST_GUEST_KERNEL, "is missing");
    }
    if (guest->memory == 0) {
        return refuse_value(reading, MANIFEST_GUEST_MEMORY, "is missing");
    }
    if (fdt_first_subnode(reading->blob, node) >= 0) {
        return fit_refuse(reading->reason, STATUS_UNSUPPORTED, "guest %s: nodes below it are not known in version %u",
                          guest->name, MANIFEST_VERSION);
    }
    if (guest->vcpus > MANIFEST_VCPUS_TOTAL_MAX - reading->manifest->vcpu_count) {
        return fit_refuse(reading->reason, STATUS_TOO_BIG, "guest %s: with it all guests have more than %u vcpus",
                          guest->name, (unsigned)MANIFEST_VCPUS_TOTAL_MAX);
    }
    return check_scheduling(reading);
}

static status_t read_guest(struct manifest *manifest, const void *blob, int node, struct fit_reason *reason) {
    if (manifest->guest_count == MANIFEST_GUESTS_MAX) {
        return fit_refuse(reason, STATUS_TOO_BIG, "there are more than %u guests", (unsigned)MANIFEST_GUESTS_MAX);
    }
    struct manifest_guest *guest = &manifest->guests[manifest->guest_count];
    struct reading reading = {.blob = blob, .manifest = manifest, .guest = guest, .reason = reason};
    *guest = (struct manifest_guest){
        .bootargs = "",
        .vcpus = 1,
        .hidden = "",
        .backoff_ms = MANIFEST_BACKOFF_DEFAULT_MS,
    };
    status_t status = read_name(&reading, node);
    if (status == STATUS_OK) {
        status = read_properties(&reading, node);
    }
    if (status == STATUS_OK) {
        status = check_guest(&reading, node);
    }
    if (status == STATUS_OK) {
        manifest->guest_count++;
        manifest->vcpu_count += guest->vcpus;
    }
    return status;
}

static status_t check_tree(const void *blob, size_t size, struct fit_reason *reason) {
    if (size > MANIFEST_DESCRIPTION_SIZE_MAX) {
        return fit_refuse(reason, STATUS_TOO_BIG, "the guest description is larger than %u KiB",
                          (unsigned)(MANIFEST_DESCRIPTION_SIZE_MAX / 1024));
    }
    return fit_tree_check("the guest description", blob, size, reason);
}

static status_t check_version(const struct property *property, struct fit_reason *reason) {
    if (property->size != sizeof(uint32_t)) {
        return fit_refuse(reason, STATUS_INVALID, "the guest description's version is not one number of 32 bits");
    }
    uint32_t version = load_be32((const uint8_t *)property->value);
    if (version != MANIFEST_VERSION) {
        return fit_refuse(reason, STATUS_UNSUPPORTED, "the guest description is of version %u; this kernel reads %u",
                          (unsigned)version, MANIFEST_VERSION);
    }
    return STATUS_OK;
}

static bool is_manifest_compatible(const struct property *property) {
    return is_string(property) && strcmp(property->value, MANIFEST_COMPATIBLE) == 0;
}

/* The root has its two properties and foreign ones, nothing else. */
static status_t check_root(const void *blob, struct fit_reason *reason) {
    bool is_compatible = false;
    bool has_version = false;
    int offset;
    fdt_for_each_property_offset(offset, blob, 0) {
        struct property property;
        if (!get_property(blob, offset, &property)) {
            return fit_refuse(reason, STATUS_CORRUPT, "the guest description's root is damaged");
        }
        if (strcmp(property.name, MANIFEST_ROOT_COMPATIBLE) == 0) {
            is_compatible = is_manifest_compatible(&property);
        } else if (strcmp(property.name, MANIFEST_ROOT_VERSION) == 0) {
            status_t status = check_version(&property, reason);
            if (status != STATUS_OK) {
                return status;
            }
            has_version = true;
        } else if (!is_foreign(property.name)) {
            return fit_refuse(reason, STATUS_UNSUPPORTED,
                              "the guest description's root has a property that is not known in version %u",
                              MANIFEST_VERSION);
        }
    }
    if (!is_compatible || !has_version) {
        return fit_refuse(reason, STATUS_INVALID,
                          "there is no guest description: compatible = \"%s\" and version are missing",
                          MANIFEST_COMPATIBLE);
    }
    return STATUS_OK;
}

status_t manifest_read(const void *blob, size_t size, struct manifest *out_manifest, struct fit_reason *out_reason) {
    status_t status = check_tree(blob, size, out_reason);
    if (status == STATUS_OK) {
        status = check_root(blob, out_reason);
    }
    out_manifest->guest_count = 0;
    out_manifest->vcpu_count = 0;
    int node;
    if (status != STATUS_OK) {
        return status;
    }
    fdt_for_each_subnode(node, blob, 0) {
        status = read_guest(out_manifest, blob, node, out_reason);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (out_manifest->guest_count == 0) {
        return fit_refuse(out_reason, STATUS_INVALID, "the guest description has no guest");
    }
    return STATUS_OK;
}

/* Finds the image that a guest's property names. */
static status_t bind_image(const struct fit *fit, const char *guest, const char *property, const char *name,
                           const struct fit_image **out_image, struct fit_reason *reason) {
    const struct fit_image *image = fit_image_find(fit, name);
    if (image == NULL) {
        return fit_refuse(reason, STATUS_NOT_FOUND, "guest %s: %s: there is no image %s", guest, property, name);
    }
    if (!image->is_loadable || image == &fit->images[fit->description_index]) {
        return fit_refuse(reason, STATUS_INVALID, "guest %s: %s: image %s is not among the configuration's loadables",
                          guest, property, name);
    }
    *out_image = image;
    return STATUS_OK;
}

static status_t bind_guest(struct manifest_guest *guest, const struct fit *fit, struct fit_reason *reason) {
    status_t status = bind_image(fit, guest->name, MANIFEST_GUEST_KERNEL, guest->kernel, &guest->kernel_image, reason);
    if (status != STATUS_OK || guest->ramdisk == NULL) {
        return status;
    }
    return bind_image(fit, guest->name, MANIFEST_GUEST_RAMDISK, guest->ramdisk, &guest->ramdisk_image, reason);
}

status_t manifest_bind(struct manifest *manifest, const struct fit *fit, struct fit_reason *out_reason) {
    for (size_t index = 0; index < manifest->guest_count; index++) {
        status_t status = bind_guest(&manifest->guests[index], fit, out_reason);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

uint32_t manifest_guest_affinity(const struct manifest_guest *guest, uint32_t position) {
    return load_be32(guest->affinity + position * sizeof(uint32_t));
}

bool manifest_guest_hides(const struct manifest_guest *guest, const char *name) {
    for (size_t position = 0; position < guest->hidden_size; position += strlen(guest->hidden + position) + 1) {
        if (strcmp(guest->hidden + position, name) == 0) {
            return true;
        }
    }
    return false;
}
