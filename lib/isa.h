/*
 * The instruction set of a hart, as a set over one table of known extensions.
 *
 * Boot code reads one per hart from the device tree, intersects them, takes out what guests must not see, and writes
 * the rest into guests' device trees. A set is closed under implication: with d it has f, without f it has no d. An
 * extension that the table does not know is ignored, so a guest never sees one that nobody has thought about.
 *
 * Sources: the unprivileged manual (chapter "ISA Extension Naming Conventions" and each extension's own), the
 * privileged manual, the RVA23 profile for the names of what older texts leave unnamed, and the device tree binding
 * (Linux, Documentation/devicetree/bindings/riscv/extensions.yaml).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

/*
 * What becomes of an extension under the kernel.
 *
 * GUEST_OK: unprivileged, or harmless in S-mode; works in a guest because the hart has it.
 * NEEDS_ENABLE: works in a guest only if M-mode switches it on (mcounteren, menvcfg, mseccfg, mstateen0, mideleg),
 * saves state that it adds, or says more about it; visible to a guest once the kernel does.
 * MACHINE_ONLY: for M-mode, or, for now, the hypervisor extension and its kin. Never visible to a guest.
 */
enum isa_policy { ISA_GUEST_OK, ISA_NEEDS_ENABLE, ISA_MACHINE_ONLY };

/*
 * X(ENUMERATOR, "name", POLICY), in canonical order: single letters, Z by category and name, S by name.
 *
 * f, d and the Zfh family are GUEST_OK although they have state: the kernel always keeps it apart.
 */
#define ISA_EXTENSION_LIST(X)                                                                                \
    X(I, "i", GUEST_OK)                                                                                      \
    X(M, "m", GUEST_OK)                                                                                      \
    X(A, "a", GUEST_OK)                                                                                      \
    X(F, "f", GUEST_OK)                                                                                      \
    X(D, "d", GUEST_OK)                                                                                      \
    X(Q, "q", NEEDS_ENABLE) /* 128 bits of a register to save */                                             \
    X(C, "c", GUEST_OK)                                                                                      \
    X(B, "b", GUEST_OK)                                                                                      \
    X(V, "v", NEEDS_ENABLE) /* vector state to save (mstatus.VS) */                                          \
    X(H, "h", MACHINE_ONLY) /* guests are not given a second stage of their own */                           \
    X(ZIC64B, "zic64b", GUEST_OK)                                                                            \
    X(ZICBOM, "zicbom", NEEDS_ENABLE) /* menvcfg.CBIE, CBCFE */                                              \
    X(ZICBOP, "zicbop", NEEDS_ENABLE) /* no bit, but riscv,cbop-block-size in the tree */                    \
    X(ZICBOZ, "zicboz", NEEDS_ENABLE) /* menvcfg.CBZE */                                                     \
    X(ZICCAMOA, "ziccamoa", GUEST_OK)                                                                        \
    X(ZICCIF, "ziccif", GUEST_OK)                                                                            \
    X(ZICCLSM, "zicclsm", GUEST_OK)                                                                          \
    X(ZICCRSE, "ziccrse", GUEST_OK)                                                                          \
    X(ZICFILP, "zicfilp", NEEDS_ENABLE) /* menvcfg.LPE */                                                    \
    X(ZICFISS, "zicfiss", NEEDS_ENABLE) /* menvcfg.SSE, ssp to save */                                       \
    X(ZICNTR, "zicntr", NEEDS_ENABLE)   /* mcounteren.CY, TM, IR */                                          \
    X(ZICOND, "zicond", GUEST_OK)                                                                            \
    X(ZICSR, "zicsr", GUEST_OK)                                                                              \
    X(ZIFENCEI, "zifencei", GUEST_OK)                                                                        \
    X(ZIHINTNTL, "zihintntl", GUEST_OK)                                                                      \
    X(ZIHINTPAUSE, "zihintpause", GUEST_OK)                                                                  \
    X(ZIHPM, "zihpm", NEEDS_ENABLE) /* mcounteren.HPMn */                                                    \
    X(ZIMOP, "zimop", GUEST_OK)                                                                              \
    X(ZMMUL, "zmmul", GUEST_OK)                                                                              \
    X(ZA128RS, "za128rs", GUEST_OK)                                                                          \
    X(ZA64RS, "za64rs", GUEST_OK)                                                                            \
    X(ZAAMO, "zaamo", GUEST_OK)                                                                              \
    X(ZABHA, "zabha", GUEST_OK)                                                                              \
    X(ZACAS, "zacas", GUEST_OK)                                                                              \
    X(ZALRSC, "zalrsc", GUEST_OK)                                                                            \
    X(ZAMA16B, "zama16b", GUEST_OK)                                                                          \
    X(ZAWRS, "zawrs", GUEST_OK) /* under mstatus.TW, WRS.NTO traps like WFI */                               \
    X(ZFA, "zfa", GUEST_OK)                                                                                  \
    X(ZFBFMIN, "zfbfmin", GUEST_OK)                                                                          \
    X(ZFH, "zfh", GUEST_OK)                                                                                  \
    X(ZFHMIN, "zfhmin", GUEST_OK)                                                                            \
    X(ZFINX, "zfinx", NEEDS_ENABLE) /* fcsr to save, which mstatus.FS does not guard; mstateen0.FCSR */      \
    X(ZDINX, "zdinx", NEEDS_ENABLE)                                                                          \
    X(ZCA, "zca", GUEST_OK)                                                                                  \
    X(ZCB, "zcb", GUEST_OK)                                                                                  \
    X(ZCD, "zcd", GUEST_OK)                                                                                  \
    X(ZCE, "zce", GUEST_OK)                                                                                  \
    X(ZCF, "zcf", GUEST_OK)                                                                                  \
    X(ZCMOP, "zcmop", GUEST_OK)                                                                              \
    X(ZCMP, "zcmp", GUEST_OK)                                                                                \
    X(ZCMT, "zcmt", NEEDS_ENABLE) /* the jvt CSR: mstateen0.JVT, and state to save */                        \
    X(ZBA, "zba", GUEST_OK)                                                                                  \
    X(ZBB, "zbb", GUEST_OK)                                                                                  \
    X(ZBC, "zbc", GUEST_OK)                                                                                  \
    X(ZBKB, "zbkb", GUEST_OK)                                                                                \
    X(ZBKC, "zbkc", GUEST_OK)                                                                                \
    X(ZBKX, "zbkx", GUEST_OK)                                                                                \
    X(ZBS, "zbs", GUEST_OK)                                                                                  \
    X(ZK, "zk", GUEST_OK) /* implies zkr, and goes with it */                                                \
    X(ZKN, "zkn", GUEST_OK)                                                                                  \
    X(ZKND, "zknd", GUEST_OK)                                                                                \
    X(ZKNE, "zkne", GUEST_OK)                                                                                \
    X(ZKNH, "zknh", GUEST_OK)                                                                                \
    X(ZKR, "zkr", NEEDS_ENABLE) /* mseccfg.SSEED, USEED */                                                   \
    X(ZKS, "zks", GUEST_OK)                                                                                  \
    X(ZKSED, "zksed", GUEST_OK)                                                                              \
    X(ZKSH, "zksh", GUEST_OK)                                                                                \
    X(ZKT, "zkt", GUEST_OK)                                                                                  \
    X(ZTSO, "ztso", GUEST_OK)                                                                                \
    X(ZVBB, "zvbb", NEEDS_ENABLE) /* the Zv family: the state of v */                                        \
    X(ZVBC, "zvbc", NEEDS_ENABLE)                                                                            \
    X(ZVE32F, "zve32f", NEEDS_ENABLE)                                                                        \
    X(ZVE32X, "zve32x", NEEDS_ENABLE)                                                                        \
    X(ZVE64D, "zve64d", NEEDS_ENABLE)                                                                        \
    X(ZVE64F, "zve64f", NEEDS_ENABLE)                                                                        \
    X(ZVE64X, "zve64x", NEEDS_ENABLE)                                                                        \
    X(ZVFBFMIN, "zvfbfmin", NEEDS_ENABLE)                                                                    \
    X(ZVFBFWMA, "zvfbfwma", NEEDS_ENABLE)                                                                    \
    X(ZVFH, "zvfh", NEEDS_ENABLE)                                                                            \
    X(ZVFHMIN, "zvfhmin", NEEDS_ENABLE)                                                                      \
    X(ZVKB, "zvkb", NEEDS_ENABLE)                                                                            \
    X(ZVKG, "zvkg", NEEDS_ENABLE)                                                                            \
    X(ZVKN, "zvkn", NEEDS_ENABLE)                                                                            \
    X(ZVKNC, "zvknc", NEEDS_ENABLE)                                                                          \
    X(ZVKNED, "zvkned", NEEDS_ENABLE)                                                                        \
    X(ZVKNG, "zvkng", NEEDS_ENABLE)                                                                          \
    X(ZVKNHA, "zvknha", NEEDS_ENABLE)                                                                        \
    X(ZVKNHB, "zvknhb", NEEDS_ENABLE)                                                                        \
    X(ZVKS, "zvks", NEEDS_ENABLE)                                                                            \
    X(ZVKSC, "zvksc", NEEDS_ENABLE)                                                                          \
    X(ZVKSED, "zvksed", NEEDS_ENABLE)                                                                        \
    X(ZVKSG, "zvksg", NEEDS_ENABLE)                                                                          \
    X(ZVKSH, "zvksh", NEEDS_ENABLE)                                                                          \
    X(ZVKT, "zvkt", NEEDS_ENABLE)                                                                            \
    X(ZVL1024B, "zvl1024b", NEEDS_ENABLE)                                                                    \
    X(ZVL128B, "zvl128b", NEEDS_ENABLE)                                                                      \
    X(ZVL256B, "zvl256b", NEEDS_ENABLE)                                                                      \
    X(ZVL32B, "zvl32b", NEEDS_ENABLE)                                                                        \
    X(ZVL512B, "zvl512b", NEEDS_ENABLE)                                                                      \
    X(ZVL64B, "zvl64b", NEEDS_ENABLE)                                                                        \
    X(ZHINX, "zhinx", NEEDS_ENABLE)                                                                          \
    X(ZHINXMIN, "zhinxmin", NEEDS_ENABLE)                                                                    \
    X(SDEXT, "sdext", MACHINE_ONLY)                                                                          \
    X(SDTRIG, "sdtrig", MACHINE_ONLY) /* its triggers are reached through M-mode CSRs */                     \
    X(SHA, "sha", MACHINE_ONLY)       /* the Sh family goes with h */                                        \
    X(SHCOUNTERENW, "shcounterenw", MACHINE_ONLY)                                                            \
    X(SHGATPA, "shgatpa", MACHINE_ONLY)                                                                      \
    X(SHTVALA, "shtvala", MACHINE_ONLY)                                                                      \
    X(SHVSATPA, "shvsatpa", MACHINE_ONLY)                                                                    \
    X(SHVSTVALA, "shvstvala", MACHINE_ONLY)                                                                  \
    X(SHVSTVECD, "shvstvecd", MACHINE_ONLY)                                                                  \
    X(SMAIA, "smaia", MACHINE_ONLY)                                                                          \
    X(SMCDELEG, "smcdeleg", MACHINE_ONLY)                                                                    \
    X(SMCNTRPMF, "smcntrpmf", MACHINE_ONLY)                                                                  \
    X(SMCSRIND, "smcsrind", MACHINE_ONLY)                                                                    \
    X(SMCTR, "smctr", MACHINE_ONLY)                                                                          \
    X(SMDBLTRP, "smdbltrp", MACHINE_ONLY)                                                                    \
    X(SMEPMP, "smepmp", MACHINE_ONLY)                                                                        \
    X(SMMPM, "smmpm", MACHINE_ONLY)                                                                          \
    X(SMNPM, "smnpm", MACHINE_ONLY) /* menvcfg.PMM: not S-mode's to see */                                   \
    X(SMRNMI, "smrnmi", MACHINE_ONLY)                                                                        \
    X(SMSTATEEN, "smstateen", MACHINE_ONLY)                                                                  \
    X(SSAIA, "ssaia", NEEDS_ENABLE)   /* mstateen0.AIA, IMSIC, CSRIND */                                     \
    X(SSCCFG, "ssccfg", NEEDS_ENABLE) /* menvcfg.CDE */                                                      \
    X(SSCCPTR, "ssccptr", GUEST_OK)                                                                          \
    X(SSCOFPMF, "sscofpmf", NEEDS_ENABLE) /* mideleg bit 13, mcounteren */                                   \
    X(SSCOUNTERENW, "sscounterenw", GUEST_OK)                                                                \
    X(SSCSRIND, "sscsrind", NEEDS_ENABLE)   /* mstateen0.CSRIND */                                           \
    X(SSCTR, "ssctr", NEEDS_ENABLE)         /* mstateen0.CTR, records of other guests' branches */           \
    X(SSDBLTRP, "ssdbltrp", NEEDS_ENABLE)   /* menvcfg.DTE */                                                \
    X(SSNPM, "ssnpm", NEEDS_ENABLE)         /* mstateen0.ENVCFG; senvcfg to save */                          \
    X(SSPM, "sspm", NEEDS_ENABLE)           /* menvcfg.PMM */                                                \
    X(SSQOSID, "ssqosid", NEEDS_ENABLE)     /* mstateen0.SRMCFG; a guest must not label another's traffic */ \
    X(SSSTATEEN, "ssstateen", NEEDS_ENABLE) /* mstateen0.SE0; sstateen to save */                            \
    X(SSSTRICT, "ssstrict", GUEST_OK)                                                                        \
    X(SSTC, "sstc", NEEDS_ENABLE) /* menvcfg.STCE, mcounteren.TM; stimecmp to save */                        \
    X(SSTVALA, "sstvala", GUEST_OK)                                                                          \
    X(SSTVECD, "sstvecd", GUEST_OK)                                                                          \
    X(SSU64XL, "ssu64xl", GUEST_OK)                                                                          \
    X(SUPM, "supm", NEEDS_ENABLE) /* what ssnpm gives to U-mode */                                           \
    X(SVADE, "svade", GUEST_OK)                                                                              \
    X(SVADU, "svadu", NEEDS_ENABLE) /* menvcfg.ADUE */                                                       \
    X(SVBARE, "svbare", GUEST_OK)                                                                            \
    X(SVINVAL, "svinval", GUEST_OK)                                                                          \
    X(SVNAPOT, "svnapot", GUEST_OK)                                                                          \
    X(SVPBMT, "svpbmt", NEEDS_ENABLE) /* menvcfg.PBMTE */                                                    \
    X(SVRSW60T59B, "svrsw60t59b", GUEST_OK)                                                                  \
    X(SVVPTC, "svvptc", GUEST_OK)

#define ISA_ENUM_ENTRY(id, name, policy) ISA_##id,
enum isa_extension { ISA_EXTENSION_LIST(ISA_ENUM_ENTRY) ISA_EXTENSION_COUNT };
#undef ISA_ENUM_ENTRY

#define ISA_WORD_COUNT ((ISA_EXTENSION_COUNT + 63) / 64)

/* Enough for every text of isa_format and isa_format_list. */
#define ISA_TEXT_SIZE 2048

struct isa {
    uint32_t xlen; /* 32 or 64 */
    uint64_t words[ISA_WORD_COUNT];
};

/* An empty set. */
void isa_init(struct isa *isa, uint32_t xlen);

bool isa_has(const struct isa *isa, enum isa_extension extension);

/* Adds an extension and all that it implies. */
void isa_add(struct isa *isa, enum isa_extension extension);

/* Takes out an extension and all that imply it. */
void isa_remove(struct isa *isa, enum isa_extension extension);

/* Takes out all extensions of a policy and all that imply one of them. */
void isa_remove_policy(struct isa *isa, enum isa_policy policy);

/* Keeps what other has too. STATUS_INVALID, with nothing changed: they differ in xlen. */
status_t isa_intersect(struct isa *isa, const struct isa *other);

const char *isa_name(enum isa_extension extension);
enum isa_policy isa_policy(enum isa_extension extension);

/* The extension with a name of size bytes, in either case. STATUS_NOT_FOUND: the table has none. */
status_t isa_find(const char *name, size_t size, enum isa_extension *out_extension);

/*
 * Parses a riscv,isa string of size bytes without its NUL: "rv64imafdch_zicsr2p0_sstc". g stands for
 * imafd_zicsr_zifencei, version numbers are skipped, case does not count. i implies zicntr, zicsr, zifencei and zihpm
 * here, as the binding says of this property, which is older than those names. STATUS_INVALID: it starts with neither
 * rv32 nor rv64.
 */
status_t isa_parse(const char *text, size_t size, struct isa *out_isa);

/*
 * Parses riscv,isa-base ("rv64i") and the bytes of riscv,isa-extensions (strings that each end with a NUL).
 * STATUS_INVALID: the base is neither rv32i nor rv64i. STATUS_CORRUPT: the list does not end with a NUL.
 */
status_t isa_parse_list(const char *base, const char *list, size_t list_size, struct isa *out_isa);

/*
 * Writes the set as a riscv,isa string: "rv64imafdc_zicsr_zifencei". Returns the length wanted without the NUL, like
 * format_buffer: the text was cut if that is not below size.
 */
size_t isa_format(const struct isa *isa, char *buffer, size_t size);

/*
 * Writes the set as the bytes of riscv,isa-extensions. Returns the bytes wanted, with every NUL; what does not fit is
 * left out.
 */
size_t isa_format_list(const struct isa *isa, char *buffer, size_t size);
