/*
 * The virtual address space of the supervisor, for C, for assembly and (through the symbol supervisor_link_base, which
 * start.S defines) for the linker script. One column per xlen; nothing but this file, start.S and trap.S knows which of
 * them is being built.
 *
 *   USER_LIMIT          user environments live below
 *   DIRECT_MAP_BASE     all RAM that fits into DIRECT_MAP_SIZE, read-write, never executable, without the image itself
 *   SUPERVISOR_BASE     the image: text, read-only data, data; small enough for one leaf of the early map
 *   DEVICE_TREE_BASE    the device tree that the boot loader handed over, read-only
 *   DEVICE_BASE         registers of devices
 *
 * What the direct map's base leads to is aligned to DIRECT_MAP_ALIGNMENT, so that large leaves fit.
 *
 * Every window is aligned to the span of one entry of the root's next level, and all are above USER_LIMIT, so
 * that an address space shares them by copying entries of the root.
 */
#pragma once

#if __riscv_xlen == 32
#define USER_LIMIT 0xc0000000
#define DIRECT_MAP_BASE 0xc0000000
#define DIRECT_MAP_SIZE 0x30000000
#define SUPERVISOR_BASE 0xf0000000
#define DIRECT_MAP_ALIGNMENT 0x400000
#define EARLY_LEAF_SIZE 0x400000
#define DEVICE_TREE_BASE 0xf1000000
#define DEVICE_BASE 0xf2000000
#define IMAGE_TEXT_OFFSET 0x400000
#else
#define USER_LIMIT 0x4000000000
#define DIRECT_MAP_BASE 0xffffffc000000000
#define DIRECT_MAP_SIZE 0x2000000000
#define SUPERVISOR_BASE 0xffffffff80000000
#define DIRECT_MAP_ALIGNMENT 0x40000000
#define EARLY_LEAF_SIZE 0x200000
#define DEVICE_TREE_BASE 0xffffffff81000000
#define DEVICE_BASE 0xffffffff82000000
#define IMAGE_TEXT_OFFSET 0x200000
#endif

/* Linux's boot protocol: a device tree is at most 2 MiB. */
#define DEVICE_TREE_SIZE_LIMIT 0x200000
#define DEVICE_WINDOW_SIZE 0x100000

#define SUPERVISOR_STACK_SIZE 0x4000
#define PANIC_STACK_SIZE 0x2000
