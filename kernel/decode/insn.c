/*
 * Load and store decoding. An instruction is sorted by opcode (32 bits) or by quadrant and funct3 (16 bits); each case
 * is a row of what it accesses, and rows say for which xlen they hold.
 */
#include "kernel/decode/insn.h"

#include <stddef.h>

static uint32_t field(uint32_t bits, unsigned low, unsigned count) {
    return bits >> low & ((UINT32_C(1) << count) - 1);
}

/* Register numbers of three bits are x8 to x15, or f8 to f15. */
static uint8_t short_register(uint32_t bits, unsigned low) {
    return (uint8_t)(8 + field(bits, low, 3));
}

static struct insn_access other(uint8_t length) {
    struct insn_access access = {.kind = INSN_OTHER, .length = length};
    return access;
}

static struct insn_access load(uint8_t length, uint8_t size, uint32_t register_index, bool is_float, bool sign_extend) {
    struct insn_access access = {
        .kind = INSN_LOAD,
        .length = length,
        .size = size,
        .register_index = (uint8_t)register_index,
        .is_float = is_float,
        .sign_extend = sign_extend,
    };
    return access;
}

static struct insn_access store(uint8_t length, uint8_t size, uint32_t register_index, bool is_float) {
    struct insn_access access = {
        .kind = INSN_STORE,
        .length = length,
        .size = size,
        .register_index = (uint8_t)register_index,
        .is_store = true,
        .is_float = is_float,
    };
    return access;
}

/* LOAD: funct3 is log2 of the size, with 4 added for those that zero-extend; there is none as wide as a register. */
static struct insn_access decode_load(uint32_t bits, unsigned xlen) {
    uint32_t funct3 = field(bits, 12, 3);
    uint32_t size_bits = funct3 & 3;
    bool sign_extend = funct3 < 4;
    uint32_t widest = xlen == 64 ? 3 : 2;
    if (size_bits > (sign_extend ? widest : widest - 1)) {
        return other(4);
    }
    return load(4, (uint8_t)(1u << size_bits), field(bits, 7, 5), false, sign_extend);
}

static struct insn_access decode_store(uint32_t bits, unsigned xlen) {
    uint32_t size_bits = field(bits, 12, 3);
    if (size_bits > (xlen == 64 ? 3 : 2)) {
        return other(4);
    }
    return store(4, (uint8_t)(1u << size_bits), field(bits, 20, 5), false);
}

/* LOAD-FP and STORE-FP: half to double; the other widths are vector accesses, and quad. */
static struct insn_access decode_float(uint32_t bits, bool is_store) {
    uint32_t size_bits = field(bits, 12, 3);
    if (size_bits < 1 || size_bits > 3) {
        return other(4);
    }
    uint8_t size = (uint8_t)(1u << size_bits);
    return is_store ? store(4, size, field(bits, 20, 5), true) : load(4, size, field(bits, 7, 5), true, false);
}

enum { FUNCT5_LOAD_RESERVED = 0x02, FUNCT5_STORE_CONDITIONAL = 0x03, FUNCT5_SWAP = 0x01, FUNCT5_COMPARE_SWAP = 0x05 };

/* The kind of an AMO-opcode instruction by its funct5, whatever its width. */
static enum insn_kind atomic_kind(uint32_t funct5) {
    switch (funct5) {
    case FUNCT5_LOAD_RESERVED:
        return INSN_LOAD_RESERVED;
    case FUNCT5_STORE_CONDITIONAL:
        return INSN_STORE_CONDITIONAL;
    case FUNCT5_SWAP:
    case FUNCT5_COMPARE_SWAP:
        return INSN_AMO;
    default:
        /* add, xor, or, and, min, max, minu, maxu: multiples of four, all eight of them */
        return (funct5 & 3) == 0 ? INSN_AMO : INSN_OTHER;
    }
}

static struct insn_access decode_atomic(uint32_t bits, unsigned xlen) {
    uint32_t funct5 = field(bits, 27, 5);
    uint32_t size_bits = field(bits, 12, 3);
    enum insn_kind kind = atomic_kind(funct5);
    /* Words and up, and bytes and halves of AMOs (Zabha). Compare-and-swap goes up to a register pair (Zacas). */
    uint32_t narrowest = kind == INSN_AMO ? 0 : 2;
    uint32_t widest = (xlen == 64 ? 3 : 2) + (funct5 == FUNCT5_COMPARE_SWAP ? 1 : 0);
    bool has_odd_operand = kind == INSN_LOAD_RESERVED && field(bits, 20, 5) != 0;
    if (kind == INSN_OTHER || size_bits < narrowest || size_bits > widest || has_odd_operand) {
        return other(4);
    }
    struct insn_access access = {
        .kind = kind,
        .length = 4,
        .size = (uint8_t)(1u << size_bits),
        .register_index = (uint8_t)field(bits, 7, 5),
        .is_store = kind != INSN_LOAD_RESERVED,
        .sign_extend = true,
    };
    return access;
}

enum { OPCODE_LOAD = 0x03, OPCODE_LOAD_FP = 0x07, OPCODE_STORE = 0x23, OPCODE_STORE_FP = 0x27, OPCODE_AMO = 0x2f };

static struct insn_access decode_full(uint32_t bits, unsigned xlen) {
    switch (field(bits, 0, 7)) {
    case OPCODE_LOAD:
        return decode_load(bits, xlen);
    case OPCODE_LOAD_FP:
        return decode_float(bits, false);
    case OPCODE_STORE:
        return decode_store(bits, xlen);
    case OPCODE_STORE_FP:
        return decode_float(bits, true);
    case OPCODE_AMO:
        return decode_atomic(bits, xlen);
    default:
        return other(4);
    }
}

/*
 * What funct3 means in quadrants 0 and 2, which agree on it: 1 to 3 load, 5 to 7 store, and 3 and 7 are floating-point
 * words on rv32, doublewords on rv64. size 0: no access, or one that is decoded apart.
 */
struct compressed_row {
    uint8_t size;
    bool is_float;
};

static struct compressed_row compressed_row(uint32_t funct3, unsigned xlen) {
    static const struct compressed_row rows[2][4] = {
        {{0, false}, {8, true}, {4, false}, {4, true}},
        {{0, false}, {8, true}, {4, false}, {8, false}},
    };
    return rows[xlen == 64][funct3 & 3];
}

/* Zcb, in quadrant 0 under funct3 4: bits 12 to 10 choose, then bit 6. */
static struct insn_access decode_compressed_narrow(uint32_t bits) {
    bool bit6 = field(bits, 6, 1) != 0;
    uint8_t register_index = short_register(bits, 2);
    switch (field(bits, 10, 3)) {
    case 0: /* c.lbu: bits 6 and 5 are its offset */
        return load(2, 1, register_index, false, false);
    case 1: /* c.lhu, c.lh */
        return load(2, 2, register_index, false, bit6);
    case 2: /* c.sb: bits 6 and 5 are its offset */
        return store(2, 1, register_index, false);
    case 3: /* c.sh */
        return bit6 ? other(2) : store(2, 2, register_index, false);
    default:
        return other(2);
    }
}

static struct insn_access decode_quadrant0(uint32_t bits, unsigned xlen) {
    uint32_t funct3 = field(bits, 13, 3);
    struct compressed_row row = compressed_row(funct3, xlen);
    uint8_t register_index = short_register(bits, 2);
    if (funct3 == 4) {
        return decode_compressed_narrow(bits);
    }
    if (row.size == 0) {
        return other(2);
    }
    return funct3 < 4 ? load(2, row.size, register_index, row.is_float, !row.is_float)
                      : store(2, row.size, register_index, row.is_float);
}

/* The stack-pointer forms. Loading into x0 is reserved there. */
static struct insn_access decode_quadrant2(uint32_t bits, unsigned xlen) {
    uint32_t funct3 = field(bits, 13, 3);
    struct compressed_row row = compressed_row(funct3, xlen);
    uint32_t destination = field(bits, 7, 5);
    if (row.size == 0 || (funct3 < 4 && !row.is_float && destination == 0)) {
        return other(2);
    }
    return funct3 < 4 ? load(2, row.size, destination, row.is_float, !row.is_float)
                      : store(2, row.size, field(bits, 2, 5), row.is_float);
}

struct insn_access insn_decode(uint32_t bits, unsigned xlen) {
    switch (field(bits, 0, 2)) {
    case 0:
        return decode_quadrant0(bits, xlen);
    case 1:
        return other(2);
    case 2:
        return decode_quadrant2(bits, xlen);
    default:
        /* Five ones at the low end announce an instruction longer than 32 bits ("Expanded Instruction-Length"). */
        return field(bits, 2, 3) == 7 ? other(0) : decode_full(bits, xlen);
    }
}

static struct insn_place place(uint32_t base_index, int32_t offset) {
    return (struct insn_place){.base_index = (uint8_t)base_index, .offset = (int16_t)offset};
}

/* Formats I and S: twelve bits with a sign, which are together in loads. */
static struct insn_place full_place(uint32_t bits, bool is_store) {
    int32_t offset = (int32_t)bits >> 20;
    return place(field(bits, 15, 5), is_store ? (offset & ~31) | (int32_t)field(bits, 7, 5) : offset);
}

/* Formats CL and CS. Zcb has room for one or two bits. */
static struct insn_place quadrant0_place(uint32_t bits, uint8_t size) {
    uint32_t middle = field(bits, 10, 3) << 3;
    uint32_t base_index = short_register(bits, 7);
    switch (size) {
    case 1:
        return place(base_index, (int32_t)(field(bits, 6, 1) | field(bits, 5, 1) << 1));
    case 2:
        return place(base_index, (int32_t)(field(bits, 5, 1) << 1));
    case 4:
        return place(base_index, (int32_t)(middle | field(bits, 6, 1) << 2 | field(bits, 5, 1) << 6));
    default:
        return place(base_index, (int32_t)(middle | field(bits, 5, 2) << 6));
    }
}

enum { STACK_POINTER = 2 };

/* Formats CI and CSS. */
static struct insn_place quadrant2_place(uint32_t bits, uint8_t size, bool is_store) {
    uint32_t offset;
    if (is_store) {
        offset = size == 4 ? field(bits, 9, 4) << 2 | field(bits, 7, 2) << 6
                           : field(bits, 10, 3) << 3 | field(bits, 7, 3) << 6;
    } else {
        offset = size == 4 ? field(bits, 4, 3) << 2 | field(bits, 2, 2) << 6
                           : field(bits, 5, 2) << 3 | field(bits, 2, 3) << 6;
        offset |= field(bits, 12, 1) << 5;
    }
    return place(STACK_POINTER, (int32_t)offset);
}

struct insn_place insn_place(uint32_t bits, const struct insn_access *access) {
    if (access->length == 4) {
        return full_place(bits, access->is_store);
    }
    return field(bits, 0, 2) == 0 ? quadrant0_place(bits, access->size)
                                  : quadrant2_place(bits, access->size, access->is_store);
}
