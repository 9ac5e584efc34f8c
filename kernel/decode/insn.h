/*
 * Which memory access an instruction makes: what trap-and-emulate (device registers, misaligned accesses) needs to
 * know.
 *
 * A pure function of the instruction's bits. The bits come from a guest's memory, which another of its harts may be
 * changing: any value is fine, and the worst that a wrong one does is to emulate another access of the same guest. With
 * insn_place the caller sees whether it is the access that trapped.
 *
 * Known: integer and floating-point loads and stores of RV32 and RV64 with their compressed forms (unprivileged manual,
 * "RV32I", "RV64I", "F", "D", "Zfh", "C", "Zcb"), and LR, SC and AMOs ("A", "Zabha", "Zacas"). Quadrant 2 is read as
 * with Zcd, not Zcmp or Zcmt, which use the same encodings. Vector accesses are not decoded.
 */
#pragma once

#include <stdint.h>

enum insn_kind {
    INSN_OTHER, /* no access that is known here */
    INSN_LOAD,
    INSN_STORE,
    INSN_LOAD_RESERVED,
    INSN_STORE_CONDITIONAL,
    INSN_AMO,
};

struct insn_access {
    enum insn_kind kind;
    uint8_t length; /* of the instruction, 2 or 4, for every kind; 0: longer, or reserved for longer ones */

    /* The rest is for every kind but INSN_OTHER. */
    uint8_t size;           /* of the access, bytes: 1, 2, 4 or 8; amocas.q: 16 */
    uint8_t register_index; /* what is stored; of loads, atomics and SC what is written */
    bool is_store;          /* needs write permission: everything but loads and LR */
    bool is_float;          /* register_index is a floating-point register */
    bool sign_extend;       /* an integer load that sign-extends what it read to the register's width */
};

/* Decodes for a hart of xlen 32 or 64. Of a compressed instruction only the low 16 bits are looked at. */
struct insn_access insn_decode(uint32_t bits, unsigned xlen);

/* Where an access lies: so far from what a register holds. */
struct insn_place {
    uint8_t base_index;
    int16_t offset;
};

/* Of an instruction that insn_decode called INSN_LOAD or INSN_STORE, for that hart. */
struct insn_place insn_place(uint32_t bits, const struct insn_access *access);
