/*
 * The first tables are built before any RAM but the image is mapped, so their pages come from the image; from then on
 * pages come from the pool and are seen through the direct map.
 */
#include "supervisor/mem/kernel_space.h"

#include <string.h>

#include "lib/align.h"
#include "supervisor/arch/riscv/csr.h"
#include "supervisor/arch/riscv/layout.h"
#include "supervisor/dev/panic.h"
#include "supervisor/mem/access.h"
#include "supervisor/mem/page_pool.h"

/* Two partial tables at each end of each piece of RAM, and those of the windows: enough for six pieces. */
enum { BOOT_PAGE_COUNT = 32 };

/* The linker script's contract. */
extern char image_start[], image_rodata_start[], image_data_start[], supervisor_stack_guard[], image_end[];

static alignas(PAGE_SIZE) uint8_t boot_pages[BOOT_PAGE_COUNT][PAGE_SIZE];
static unsigned boot_page_count;

static struct page_table kernel_table;
static struct page_pool pool;
/* Whether pages come from the pool. */
static bool pool_is_ready;
static paddr_t image_base;
/* What the direct map's first byte leads to. */
static uint64_t direct_base;

static status_t memory_allocate(void *context, paddr_t *out_page) {
    (void)context;
    if (!pool_is_ready) {
        if (boot_page_count == BOOT_PAGE_COUNT) {
            return STATUS_NO_MEMORY;
        }
        *out_page = kernel_physical(boot_pages[boot_page_count++]);
        return STATUS_OK;
    }
    status_t status = page_pool_allocate(&pool, out_page);
    if (status == STATUS_OK) {
        memset(kernel_at(*out_page), 0, PAGE_SIZE);
    }
    return status;
}

static void memory_release(void *context, paddr_t page) {
    (void)context;
    if (page_pool_release(&pool, page) != STATUS_OK) {
        panic("page 0x%llx was released and is not in use", (unsigned long long)page.value);
    }
}

/* Pages of the image are only those that the boot handed out. */
static void *memory_at(void *context, paddr_t page) {
    (void)context;
    return kernel_at(page);
}

static void memory_fence(void *context, uint64_t address) {
    (void)context;
    __asm__ volatile("sfence.vma %0, zero" ::"r"((unsigned long)address) : "memory");
}

static void memory_fence_code(void *context) {
    (void)context;
    __asm__ volatile("fence.i" ::: "memory");
}

static const struct page_memory memory = {
    .allocate = memory_allocate,
    .release = memory_release,
    .at = memory_at,
    .fence = memory_fence,
    .fence_code = memory_fence_code,
};

static size_t image_size(void) {
    return (size_t)(image_end - image_start);
}

paddr_t kernel_physical(const void *object) {
    return paddr(image_base.value + (uintptr_t)object - (uintptr_t)image_start);
}

void kernel_space_locate(paddr_t image) {
    image_base = image;
}

void *kernel_at(paddr_t address) {
    uint64_t offset = address.value - image_base.value;
    if (offset < image_size()) {
        return image_start + offset;
    }
    return (void *)(uintptr_t)(DIRECT_MAP_BASE + (address.value - direct_base));
}

const struct page_memory *kernel_memory(void) {
    return &memory;
}

const struct page_table *kernel_page_table(void) {
    return &kernel_table;
}

size_t kernel_free_count(void) {
    return pool.free_count;
}

void kernel_space_activate(const struct page_table *table) {
    /* Without address space identifiers the hart must forget what the last table said. */
    CSR_WRITE(satp, (unsigned long)page_table_satp(table));
    __asm__ volatile("sfence.vma" ::: "memory");
}

/* Takes what the direct map cannot reach out of both maps. */
static status_t limit_ram(struct machine *machine, uint64_t *out_unreachable) {
    uint64_t before = memory_map_size(&machine->ram);
    uint64_t limit = direct_base + DIRECT_MAP_SIZE;
    uint64_t rest = align_down(UINT64_MAX, PAGE_SIZE) - limit;
    status_t status = memory_map_remove(&machine->ram, limit, rest);
    if (status == STATUS_OK) {
        status = memory_map_remove(&machine->free, limit, rest);
    }
    if (status == STATUS_OK) {
        *out_unreachable = before - memory_map_size(&machine->ram);
    }
    return status;
}

static status_t map_window(const char *from, const char *to, unsigned access) {
    return page_table_map(&kernel_table, (uintptr_t)from, kernel_physical(from), (uint64_t)(to - from), access,
                          PAGE_OWNER_SUPERVISOR);
}

/* The page below the stack stays out: a stack that is too small faults instead of overwriting what lies below. */
static status_t map_image(void) {
    const struct {
        const char *from;
        const char *to;
        unsigned access;
    } windows[] = {
        {image_start, image_rodata_start, ACCESS_READ | ACCESS_EXECUTE},
        {image_rodata_start, image_data_start, ACCESS_READ},
        {image_data_start, supervisor_stack_guard, ACCESS_READ | ACCESS_WRITE},
        {supervisor_stack_guard + PAGE_SIZE, image_end, ACCESS_READ | ACCESS_WRITE},
    };
    status_t status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof(windows) / sizeof(windows[0]); i++) {
        status = map_window(windows[i].from, windows[i].to, windows[i].access);
    }
    return status;
}

static status_t map_ram(const struct memory_map *ram) {
    struct memory_map mapped = *ram;
    status_t status = memory_map_remove(&mapped, image_base.value, image_size());
    for (unsigned i = 0; status == STATUS_OK && i < mapped.count; i++) {
        const struct memory_range *range = &mapped.ranges[i];
        status = page_table_map(&kernel_table, DIRECT_MAP_BASE + (range->start - direct_base), paddr(range->start),
                                range->size, ACCESS_READ | ACCESS_WRITE, PAGE_OWNER_SUPERVISOR);
    }
    return status;
}

/* At the address where the early map had it, so that pointers into it stay good. */
static status_t map_device_tree(paddr_t device_tree, size_t size) {
    uint64_t start = align_down(device_tree.value, PAGE_SIZE);
    uint64_t end = align_up(device_tree.value + size, PAGE_SIZE);
    uint64_t offset = start & (EARLY_LEAF_SIZE - 1);
    return page_table_map(&kernel_table, DEVICE_TREE_BASE + offset, paddr(start), end - start, ACCESS_READ,
                          PAGE_OWNER_SUPERVISOR);
}

status_t kernel_map_device(uint64_t address, uint64_t size, void **out_registers) {
    uint64_t start = align_down(address, PAGE_SIZE);
    if (size == 0 || size > DEVICE_WINDOW_SIZE || address - start > DEVICE_WINDOW_SIZE - size) {
        return STATUS_NOT_FOUND;
    }
    uint64_t end = align_up(address + size, PAGE_SIZE);
    status_t status = page_table_map(&kernel_table, DEVICE_BASE, paddr(start), end - start, ACCESS_READ | ACCESS_WRITE,
                                     PAGE_OWNER_SUPERVISOR);
    if (status == STATUS_OK) {
        *out_registers = (void *)(uintptr_t)(DEVICE_BASE + (address - start));
    }
    return status;
}

static status_t pool_create(struct machine *machine) {
    uint64_t bookkeeping;
    status_t status = memory_map_take(&machine->free, page_pool_bookkeeping_size(&machine->free), &bookkeeping);
    if (status == STATUS_OK) {
        page_pool_init(&pool, &machine->free, kernel_at(paddr(bookkeeping)));
        pool_is_ready = true;
    }
    return status;
}

static status_t table_create(const struct machine *machine, paddr_t device_tree, size_t device_tree_size) {
    status_t status = page_table_init(&kernel_table, page_table_native(), &memory);
    if (status == STATUS_OK) {
        status = map_image();
    }
    if (status == STATUS_OK) {
        status = map_ram(&machine->ram);
    }
    if (status == STATUS_OK) {
        status = map_device_tree(device_tree, device_tree_size);
    }
    return status;
}

/* What the boot needs of RAM is there and is nobody else's from now on. */
static status_t claim_ram(struct machine *machine, paddr_t device_tree, size_t device_tree_size) {
    const struct fdt_region *initrd = &machine->initrd;
    if (!memory_map_contains(&machine->ram, image_base.value, image_size()) ||
        (initrd->size != 0 && !memory_map_contains(&machine->ram, initrd->address, initrd->size))) {
        return STATUS_NOT_FOUND;
    }
    status_t status = memory_map_remove(&machine->free, image_base.value, image_size());
    return status == STATUS_OK ? memory_map_remove(&machine->free, device_tree.value, device_tree_size) : status;
}

status_t kernel_space_init(struct machine *machine, paddr_t device_tree, size_t device_tree_size,
                           uint64_t *out_unreachable) {
    direct_base = align_down(machine->ram.ranges[0].start, DIRECT_MAP_ALIGNMENT);
    status_t status = limit_ram(machine, out_unreachable);
    if (status == STATUS_OK) {
        status = claim_ram(machine, device_tree, device_tree_size);
    }
    if (status == STATUS_OK) {
        status = table_create(machine, device_tree, device_tree_size);
    }
    if (status == STATUS_OK) {
        kernel_space_activate(&kernel_table);
        status = pool_create(machine);
    }
    return status;
}
