/*
 * Sets of RISC-V extensions. Implications are pairs; adding and removing follow them until nothing changes, which is
 * after at most as many rounds as there are extensions.
 */
#include "lib/isa.h"

#include <string.h>

struct extension {
    const char *name;
    enum isa_policy policy;
};

static const struct extension extensions[ISA_EXTENSION_COUNT] = {
#define ISA_TABLE_ROW(id, name, policy) [ISA_##id] = {name, ISA_##policy},
    ISA_EXTENSION_LIST(ISA_TABLE_ROW)
#undef ISA_TABLE_ROW
};

/* Who has the first has the second as well. */
struct implication {
    uint8_t has;
    uint8_t implied;
};

static_assert(ISA_EXTENSION_COUNT <= UINT8_MAX, "an extension fits the rows of implications");

static const struct implication implications[] = {
    {ISA_M, ISA_ZMMUL},
    {ISA_A, ISA_ZAAMO},
    {ISA_A, ISA_ZALRSC},
    {ISA_F, ISA_ZICSR},
    {ISA_D, ISA_F},
    {ISA_Q, ISA_D},
    {ISA_C, ISA_ZCA},
    {ISA_B, ISA_ZBA},
    {ISA_B, ISA_ZBB},
    {ISA_B, ISA_ZBS},
    {ISA_V, ISA_ZVE64D},
    {ISA_V, ISA_ZVL128B},
    {ISA_ZICFILP, ISA_ZICSR},
    {ISA_ZICFISS, ISA_ZICSR},
    {ISA_ZICFISS, ISA_ZIMOP},
    {ISA_ZICNTR, ISA_ZICSR},
    {ISA_ZIHPM, ISA_ZICSR},
    {ISA_ZABHA, ISA_ZAAMO},
    {ISA_ZACAS, ISA_ZAAMO},
    {ISA_ZAWRS, ISA_ZALRSC},
    {ISA_ZFA, ISA_F},
    {ISA_ZFBFMIN, ISA_F},
    {ISA_ZFH, ISA_ZFHMIN},
    {ISA_ZFHMIN, ISA_F},
    {ISA_ZFINX, ISA_ZICSR},
    {ISA_ZDINX, ISA_ZFINX},
    {ISA_ZHINX, ISA_ZHINXMIN},
    {ISA_ZHINXMIN, ISA_ZFINX},
    {ISA_ZCB, ISA_ZCA},
    {ISA_ZCD, ISA_ZCA},
    {ISA_ZCD, ISA_D},
    {ISA_ZCE, ISA_ZCB},
    {ISA_ZCE, ISA_ZCMP},
    {ISA_ZCE, ISA_ZCMT},
    {ISA_ZCF, ISA_ZCA},
    {ISA_ZCF, ISA_F},
    {ISA_ZCMOP, ISA_ZCA},
    {ISA_ZCMP, ISA_ZCA},
    {ISA_ZCMT, ISA_ZCA},
    {ISA_ZCMT, ISA_ZICSR},
    {ISA_ZK, ISA_ZKN},
    {ISA_ZK, ISA_ZKR},
    {ISA_ZK, ISA_ZKT},
    {ISA_ZKN, ISA_ZBKB},
    {ISA_ZKN, ISA_ZBKC},
    {ISA_ZKN, ISA_ZBKX},
    {ISA_ZKN, ISA_ZKND},
    {ISA_ZKN, ISA_ZKNE},
    {ISA_ZKN, ISA_ZKNH},
    {ISA_ZKS, ISA_ZBKB},
    {ISA_ZKS, ISA_ZBKC},
    {ISA_ZKS, ISA_ZBKX},
    {ISA_ZKS, ISA_ZKSED},
    {ISA_ZKS, ISA_ZKSH},
    {ISA_ZVE32X, ISA_ZICSR},
    {ISA_ZVE32X, ISA_ZVL32B},
    {ISA_ZVE32F, ISA_ZVE32X},
    {ISA_ZVE32F, ISA_F},
    {ISA_ZVE64X, ISA_ZVE32X},
    {ISA_ZVE64X, ISA_ZVL64B},
    {ISA_ZVE64F, ISA_ZVE64X},
    {ISA_ZVE64F, ISA_ZVE32F},
    {ISA_ZVE64D, ISA_ZVE64F},
    {ISA_ZVE64D, ISA_D},
    {ISA_ZVL64B, ISA_ZVL32B},
    {ISA_ZVL128B, ISA_ZVL64B},
    {ISA_ZVL256B, ISA_ZVL128B},
    {ISA_ZVL512B, ISA_ZVL256B},
    {ISA_ZVL1024B, ISA_ZVL512B},
    {ISA_ZVFBFMIN, ISA_ZVE32F},
    {ISA_ZVFBFWMA, ISA_ZVFBFMIN},
    {ISA_ZVFBFWMA, ISA_ZFBFMIN},
    {ISA_ZVFHMIN, ISA_ZVE32F},
    {ISA_ZVFH, ISA_ZVFHMIN},
    {ISA_ZVFH, ISA_ZFHMIN},
    {ISA_ZVBB, ISA_ZVKB},
    {ISA_ZVBC, ISA_ZVE64X},
    {ISA_ZVKB, ISA_ZVE32X},
    {ISA_ZVKG, ISA_ZVE32X},
    {ISA_ZVKNED, ISA_ZVE32X},
    {ISA_ZVKNHA, ISA_ZVE32X},
    {ISA_ZVKNHB, ISA_ZVE64X},
    {ISA_ZVKSED, ISA_ZVE32X},
    {ISA_ZVKSH, ISA_ZVE32X},
    {ISA_ZVKN, ISA_ZVKNED},
    {ISA_ZVKN, ISA_ZVKNHB},
    {ISA_ZVKN, ISA_ZVKB},
    {ISA_ZVKN, ISA_ZVKT},
    {ISA_ZVKNC, ISA_ZVKN},
    {ISA_ZVKNC, ISA_ZVBC},
    {ISA_ZVKNG, ISA_ZVKN},
    {ISA_ZVKNG, ISA_ZVKG},
    {ISA_ZVKS, ISA_ZVKSED},
    {ISA_ZVKS, ISA_ZVKSH},
    {ISA_ZVKS, ISA_ZVKB},
    {ISA_ZVKS, ISA_ZVKT},
    {ISA_ZVKSC, ISA_ZVKS},
    {ISA_ZVKSC, ISA_ZVBC},
    {ISA_ZVKSG, ISA_ZVKS},
    {ISA_ZVKSG, ISA_ZVKG},
    {ISA_SMSTATEEN, ISA_SSSTATEEN},
};

#define IMPLICATION_COUNT (sizeof implications / sizeof implications[0])

static uint64_t mask_of(unsigned extension) {
    return UINT64_C(1) << (extension % 64);
}

static void set(struct isa *isa, unsigned extension) {
    isa->words[extension / 64] |= mask_of(extension);
}

static void clear(struct isa *isa, unsigned extension) {
    isa->words[extension / 64] &= ~mask_of(extension);
}

void isa_init(struct isa *isa, uint32_t xlen) {
    *isa = (struct isa){.xlen = xlen};
}

bool isa_has(const struct isa *isa, enum isa_extension extension) {
    return (isa->words[extension / 64] & mask_of(extension)) != 0;
}

/* Whether the set has the first of a pair and lacks the second. */
static bool is_broken(const struct isa *isa, const struct implication *pair) {
    return isa_has(isa, (enum isa_extension)pair->has) && !isa_has(isa, (enum isa_extension)pair->implied);
}

static void add_implied(struct isa *isa) {
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t index = 0; index < IMPLICATION_COUNT; index++) {
            if (is_broken(isa, &implications[index])) {
                set(isa, implications[index].implied);
                changed = true;
            }
        }
    }
}

static void remove_implying(struct isa *isa) {
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t index = 0; index < IMPLICATION_COUNT; index++) {
            if (is_broken(isa, &implications[index])) {
                clear(isa, implications[index].has);
                changed = true;
            }
        }
    }
}

void isa_add(struct isa *isa, enum isa_extension extension) {
    set(isa, extension);
    add_implied(isa);
}

void isa_remove(struct isa *isa, enum isa_extension extension) {
    clear(isa, extension);
    remove_implying(isa);
}

void isa_remove_policy(struct isa *isa, enum isa_policy policy) {
    for (unsigned extension = 0; extension < ISA_EXTENSION_COUNT; extension++) {
        if (extensions[extension].policy == policy) {
            clear(isa, extension);
        }
    }
    remove_implying(isa);
}

/* The intersection of two closed sets is closed: what one member implies is in both. */
status_t isa_intersect(struct isa *isa, const struct isa *other) {
    if (isa->xlen != other->xlen) {
        return STATUS_INVALID;
    }
    for (unsigned word = 0; word < ISA_WORD_COUNT; word++) {
        isa->words[word] &= other->words[word];
    }
    return STATUS_OK;
}

const char *isa_name(enum isa_extension extension) {
    return extensions[extension].name;
}

enum isa_policy isa_policy(enum isa_extension extension) {
    return extensions[extension].policy;
}

static char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/* Whether the size bytes of text are the word, which is in lower case, in either case. The words that it is not mostly
 * differ in one of the first letters. */
static bool is_word(const char *text, size_t size, const char *word) {
    size_t index = 0;
    while (index < size && word[index] != '\0' && lower(text[index]) == word[index]) {
        index++;
    }
    return index == size && word[index] == '\0';
}

status_t isa_find(const char *name, size_t size, enum isa_extension *out_extension) {
    for (unsigned extension = 0; extension < ISA_EXTENSION_COUNT; extension++) {
        if (is_word(name, size, extensions[extension].name)) {
            *out_extension = (enum isa_extension)extension;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static void set_named(struct isa *isa, const char *name, size_t size) {
    enum isa_extension extension;
    if (isa_find(name, size, &extension) == STATUS_OK) {
        set(isa, extension);
    }
}

/* A piece of text, not terminated. */
struct text {
    const char *start;
    size_t size;
};

/* The character at a position; NUL outside. */
static char character_at(const struct text *text, size_t at) {
    return at < text->size ? lower(text->start[at]) : '\0';
}

static size_t skip_digits(const struct text *text, size_t at) {
    while (is_digit(character_at(text, at))) {
        at++;
    }
    return at;
}

/* Behind a version at this position: "2" or "2p1". A p that no digit follows is an extension of its own. */
static size_t skip_version(const struct text *text, size_t at) {
    size_t end = skip_digits(text, at);
    if (end > at && character_at(text, end) == 'p' && is_digit(character_at(text, end + 1))) {
        end = skip_digits(text, end + 1);
    }
    return end;
}

static size_t strip_digits(const char *name, size_t size) {
    while (size > 0 && is_digit(name[size - 1])) {
        size--;
    }
    return size;
}

/* The size of a multi-letter name without the version at its end. */
static size_t strip_version(const char *name, size_t size) {
    size_t end = strip_digits(name, size);
    if (end < size && end >= 2 && lower(name[end - 1]) == 'p' && is_digit(name[end - 2])) {
        end = strip_digits(name, end - 1);
    }
    return end;
}

/*
 * Whether a multi-letter name starts here. The first may directly follow the single letters. Old QEMU releases put "su"
 * among those for the privilege modes, which is no extension whose name starts with su.
 */
static bool starts_name(const struct text *text, size_t at) {
    char letter = character_at(text, at);
    if (letter == 's') {
        return character_at(text, at - 1) == '_' || character_at(text, at + 1) != 'u';
    }
    return letter == 'z' || letter == 'x';
}

static size_t parse_name(struct isa *isa, const struct text *text, size_t at) {
    const char *name = text->start + at;
    const char *end = memchr(name, '_', text->size - at);
    size_t size = end != nullptr ? (size_t)(end - name) : text->size - at;
    set_named(isa, name, strip_version(name, size));
    return at + size;
}

static size_t parse_letter(struct isa *isa, const struct text *text, size_t at) {
    if (character_at(text, at) == 'g') {
        static const uint8_t general[] = {ISA_I, ISA_M, ISA_A, ISA_F, ISA_D, ISA_ZICSR, ISA_ZIFENCEI};
        for (size_t index = 0; index < sizeof general; index++) {
            set(isa, general[index]);
        }
    }
    set_named(isa, text->start + at, 1);
    return skip_version(text, at + 1);
}

/* What i meant when riscv,isa was defined (extensions.yaml, riscv,isa). */
static void add_old_base(struct isa *isa) {
    if (isa_has(isa, ISA_I)) {
        set(isa, ISA_ZICNTR);
        set(isa, ISA_ZICSR);
        set(isa, ISA_ZIFENCEI);
        set(isa, ISA_ZIHPM);
    }
}

/* The xlen that a text starts with, as in rv64; 0 for anything else. */
static uint32_t parse_xlen(const char *text, size_t size) {
    if (size >= 4 && is_word(text, 4, "rv32")) {
        return 32;
    }
    return size >= 4 && is_word(text, 4, "rv64") ? 64 : 0;
}

status_t isa_parse(const char *text, size_t size, struct isa *out_isa) {
    const struct text whole = {text, size};
    struct isa isa;
    isa_init(&isa, parse_xlen(text, size));
    if (isa.xlen == 0) {
        return STATUS_INVALID;
    }
    for (size_t at = 4; at < size;) {
        at = starts_name(&whole, at) ? parse_name(&isa, &whole, at) : parse_letter(&isa, &whole, at);
    }
    add_old_base(&isa);
    add_implied(&isa);
    *out_isa = isa;
    return STATUS_OK;
}

status_t isa_parse_list(const char *base, const char *list, size_t list_size, struct isa *out_isa) {
    size_t base_size = strlen(base);
    struct isa isa;
    isa_init(&isa, parse_xlen(base, base_size));
    if (isa.xlen == 0 || base_size != 5 || lower(base[4]) != 'i') {
        return STATUS_INVALID;
    }
    if (list_size > 0 && list[list_size - 1] != '\0') {
        return STATUS_CORRUPT;
    }
    for (size_t at = 0; at < list_size;) {
        size_t size = strlen(list + at);
        set_named(&isa, list + at, size);
        at += size + 1;
    }
    set(&isa, ISA_I);
    add_implied(&isa);
    *out_isa = isa;
    return STATUS_OK;
}

/* Appends into a buffer and counts what did not fit as well. */
struct appender {
    char *buffer;
    size_t size;
    size_t wanted;
};

static void append(struct appender *appender, const char *text, size_t size) {
    for (size_t index = 0; index < size; index++) {
        if (appender->wanted < appender->size) {
            appender->buffer[appender->wanted] = text[index];
        }
        appender->wanted++;
    }
}

size_t isa_format(const struct isa *isa, char *buffer, size_t size) {
    struct appender appender = {buffer, size > 0 ? size - 1 : 0, 0};
    append(&appender, isa->xlen == 32 ? "rv32" : "rv64", 4);
    for (unsigned extension = 0; extension < ISA_EXTENSION_COUNT; extension++) {
        if (isa_has(isa, (enum isa_extension)extension)) {
            const char *name = extensions[extension].name;
            append(&appender, "_", strlen(name) > 1 ? 1 : 0);
            append(&appender, name, strlen(name));
        }
    }
    if (size > 0) {
        buffer[appender.wanted < size ? appender.wanted : size - 1] = '\0';
    }
    return appender.wanted;
}

size_t isa_format_list(const struct isa *isa, char *buffer, size_t size) {
    struct appender appender = {buffer, size, 0};
    for (unsigned extension = 0; extension < ISA_EXTENSION_COUNT; extension++) {
        if (isa_has(isa, (enum isa_extension)extension)) {
            const char *name = extensions[extension].name;
            append(&appender, name, strlen(name) + 1);
        }
    }
    return appender.wanted;
}
