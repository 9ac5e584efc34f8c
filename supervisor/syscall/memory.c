/*
 * A program's memory, as it asks for it. Sizes are rounded up to pages here, with overflow caught; everything else is
 * checked by the address space.
 */
#include "supervisor/syscall/calls.h"

#include "lib/align.h"
#include "supervisor/mem/access.h"

/* 0: too large. */
static uint64_t page_align(unsigned long size) {
    unsigned long sum;
    return __builtin_add_overflow(size, PAGE_SIZE - 1, &sum) ? 0 : align_down(sum, PAGE_SIZE);
}

static status_t heap_resize(struct task *task, uint64_t end) {
    uint64_t old_pages = align_up(task->heap_end, PAGE_SIZE);
    uint64_t new_pages = align_up(end, PAGE_SIZE);
    if (new_pages > old_pages) {
        return address_space_map(&task->space, old_pages, new_pages - old_pages, ACCESS_READ | ACCESS_WRITE);
    }
    if (new_pages < old_pages) {
        return address_space_unmap(&task->space, new_pages, old_pages - new_pages);
    }
    return STATUS_OK;
}

/* Returns the end of the heap, which is the old one where the new one is not possible. */
long syscall_brk(struct task *task, const unsigned long *arguments) {
    uint64_t end = arguments[0];
    if (end >= task->heap_start && end <= task->mapping_ceiling && heap_resize(task, end) == STATUS_OK) {
        task->heap_end = end;
    }
    return (long)task->heap_end;
}

/* Where Linux says so: the lowest addresses are nobody's, and beyond the others there is no memory. */
static long range_error(const struct task *task, uint64_t start, status_t status) {
    if (status != STATUS_INVALID) {
        return syscall_error(status);
    }
    return start < task->space.floor ? -LINUX_EPERM : -LINUX_ENOMEM;
}

static long map_anywhere(struct task *task, uint64_t size, unsigned access) {
    uint64_t start;
    status_t status = address_space_find_gap(&task->space, size, task->mapping_ceiling, &start);
    if (status == STATUS_OK) {
        status = address_space_map(&task->space, start, size, access);
    }
    return status == STATUS_OK ? (long)start : syscall_error(status);
}

static long map_fixed(struct task *task, unsigned long start, uint64_t size, unsigned access, bool replace) {
    if (!is_aligned(start, PAGE_SIZE)) {
        return -LINUX_EINVAL;
    }
    status_t status = replace ? address_space_replace(&task->space, start, size, access)
                              : address_space_map(&task->space, start, size, access);
    return status == STATUS_OK ? (long)start : range_error(task, start, status);
}

long syscall_mmap(struct task *task, const unsigned long *arguments) {
    unsigned long type = arguments[3] & LINUX_MAP_TYPE;
    /* Without fork, shared and private memory without a file are the same. */
    if (arguments[1] == 0 || arguments[2] & ~(unsigned long)ACCESS_ALL ||
        (type != LINUX_MAP_PRIVATE && type != LINUX_MAP_SHARED)) {
        return -LINUX_EINVAL;
    }
    if ((arguments[3] & LINUX_MAP_ANONYMOUS) == 0) {
        return -LINUX_ENODEV;
    }
    uint64_t size = page_align(arguments[1]);
    if (size == 0) {
        return -LINUX_ENOMEM;
    }
    unsigned access = access_complete((unsigned)arguments[2]);
    if (arguments[3] & (LINUX_MAP_FIXED | LINUX_MAP_FIXED_NOREPLACE)) {
        return map_fixed(task, arguments[0], size, access, (arguments[3] & LINUX_MAP_FIXED_NOREPLACE) == 0);
    }
    return map_anywhere(task, size, access);
}

long syscall_munmap(struct task *task, const unsigned long *arguments) {
    uint64_t size = page_align(arguments[1]);
    return syscall_error(address_space_unmap(&task->space, arguments[0], size));
}

long syscall_mprotect(struct task *task, const unsigned long *arguments) {
    if (!is_aligned(arguments[0], PAGE_SIZE) || arguments[2] & ~(unsigned long)ACCESS_ALL) {
        return -LINUX_EINVAL;
    }
    if (arguments[1] == 0) {
        return 0;
    }
    uint64_t size = page_align(arguments[1]);
    status_t status = address_space_protect(&task->space, arguments[0], size, access_complete((unsigned)arguments[2]));
    /* Outside the program's addresses there is certainly nothing mapped. */
    return status == STATUS_INVALID ? -LINUX_ENOMEM : syscall_error(status);
}
