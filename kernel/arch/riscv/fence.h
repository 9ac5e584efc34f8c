/*
 * Fences of address translation (priv. spec, "Supervisor Memory-Management Fence Instruction" and "Hypervisor
 * Memory-Management Fence Instructions"). On a hart with the H extension, sfence.vma in M-mode is about the
 * hypervisor's own mode, hfence.vvma about what the live guest translates, and hfence.gvma about the second stage.
 */
#pragma once

#define HYPERVISOR_FENCE(text, ...) \
    __asm__ volatile(".option push\n.option arch, +h\n" text "\n.option pop" : : __VA_ARGS__ : "memory")

static inline void sfence_vma(void) {
    __asm__ volatile("sfence.vma x0, x0" : : : "memory");
}

static inline void sfence_vma_page(unsigned long address) {
    __asm__ volatile("sfence.vma %0, x0" : : "r"(address) : "memory");
}

static inline void hfence_vvma(void) {
    HYPERVISOR_FENCE("hfence.vvma x0, x0");
}

static inline void hfence_vvma_page(unsigned long address) {
    HYPERVISOR_FENCE("hfence.vvma %0, x0", "r"(address));
}

static inline void hfence_gvma(void) {
    HYPERVISOR_FENCE("hfence.gvma x0, x0");
}
