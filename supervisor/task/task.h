/*
 * One user environment: a program, its memory, its registers, and what the system calls remember for it. Created from
 * an ELF image, run (task/run.h) until it ends, destroyed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/elf.h"
#include "supervisor/arch/riscv/user_context.h"
#include "supervisor/dev/random.h"
#include "supervisor/dev/time_source.h"
#include "supervisor/dev/tty.h"
#include "supervisor/mem/address_space.h"
#include "supervisor/syscall/linux.h"

enum { TASK_NAME_SIZE = 32, TASK_ID = 1, TASK_DESCRIPTOR_COUNT = 3 };

/* What programs share. */
struct task_services {
    struct tty *tty;
    struct random *random;
    struct time_source time;
};

enum task_state {
    TASK_RUNNING,
    /* exit(): value is the status, 0 to 255. */
    TASK_EXITED,
    /* value is the signal that ended it. */
    TASK_KILLED,
    /* A trap that nobody can mend; the context says which. */
    TASK_FAULTED,
    /* A page was needed and there was none. */
    TASK_OUT_OF_MEMORY,
};

struct task {
    /* The last part of the program's path, for messages. */
    char name[TASK_NAME_SIZE];
    const struct task_services *services;
    enum task_state state;
    int value;
    struct address_space space;
    struct user_context context;
    /* The heap is [heap_start, heap_end); its pages reach to the next border. */
    uint64_t heap_start;
    uint64_t heap_end;
    /* mmap() gives memory below. */
    uint64_t mapping_ceiling;
    /* Bit n: descriptor n is open, and it is the terminal. */
    unsigned descriptors;
    /* By signal number minus 1. Recorded; nothing is delivered yet. */
    struct linux_sigaction actions[LINUX_SIGNAL_LIMIT];
    uint64_t signal_mask;
};

/* What a new program is made from. */
struct task_request {
    const void *image;
    size_t image_size;
    enum elf_class format;
    /* Bytes of a pointer. */
    unsigned word_size;
    const char *path;
    unsigned argument_count;
    const char *const *arguments;
    unsigned environment_count;
    const char *const *environment;
    /* AT_HWCAP */
    unsigned long hardware;
    /* The first address that programs cannot have. */
    uint64_t address_limit;
};

/* Every refusal carries a sentence: those of loader_load(), and TOO_BIG: the arguments. Nothing is left of a task that
 * was refused. */
status_t task_create(struct task *task, const struct task_request *request, const struct page_table *supervisor,
                     const struct task_services *services, const char **out_reason);

/* Gives all of its memory back; its address space must not be active. */
void task_destroy(struct task *task);

/* Ends it; the first reason counts. */
void task_end(struct task *task, enum task_state state, int value);
