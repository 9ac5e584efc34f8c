/*
 * The address space of a program, from the bottom: nothing (so that null pointers fault), the program, its heap, ...
 * mappings growing down, a gap, the stack.
 */
#include "supervisor/task/task.h"

#include <string.h>

#include "lib/align.h"
#include "supervisor/mem/access.h"
#include "supervisor/mem/user_copy.h"
#include "supervisor/task/loader.h"
#include "supervisor/task/stack_image.h"

#define ADDRESS_FLOOR 0x10000ULL
#define STACK_SIZE 0x800000ULL
/* Between the stack and what is next to it, on both sides. */
#define STACK_GAP 0x100000ULL

enum { STACK_IMAGE_LIMIT = 4096, CLOCK_TICKS_PER_SECOND = 100 };

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == nullptr ? path : slash + 1;
}

static void copy_name(char *name, const char *text) {
    size_t size = strnlen(text, TASK_NAME_SIZE - 1);
    memcpy(name, text, size);
    name[size] = '\0';
}

static status_t stack_fill(struct task *task, const struct stack_request *request, uint64_t *out_pointer) {
    uint8_t bytes[STACK_IMAGE_LIMIT];
    status_t status = stack_image_build(request, bytes, sizeof(bytes), out_pointer);
    if (status != STATUS_OK) {
        return status;
    }
    size_t size = (size_t)(request->top - *out_pointer);
    return user_populate(&task->space, *out_pointer, bytes + sizeof(bytes) - size, size);
}

static status_t stack_create(struct task *task, const struct task_request *request, const struct program *program,
                             uint64_t *out_pointer) {
    const struct auxiliary auxiliary[] = {
        {AUXILIARY_HARDWARE, request->hardware},
        {AUXILIARY_PAGE_SIZE, PAGE_SIZE},
        {AUXILIARY_CLOCK_TICKS, CLOCK_TICKS_PER_SECOND},
        {AUXILIARY_PROGRAM_HEADERS, program->headers},
        {AUXILIARY_PROGRAM_HEADER_SIZE, program->header_size},
        {AUXILIARY_PROGRAM_HEADER_COUNT, program->headers_count},
        {AUXILIARY_BASE, 0},
        {AUXILIARY_FLAGS, 0},
        {AUXILIARY_ENTRY, program->entry},
        {AUXILIARY_USER, 0},
        {AUXILIARY_EFFECTIVE_USER, 0},
        {AUXILIARY_GROUP, 0},
        {AUXILIARY_EFFECTIVE_GROUP, 0},
        {AUXILIARY_SECURE, 0},
    };
    struct stack_request stack = {
        .word_size = request->word_size,
        .top = request->address_limit - STACK_GAP,
        .program_name = request->path,
        .argument_count = request->argument_count,
        .arguments = request->arguments,
        .environment_count = request->environment_count,
        .environment = request->environment,
        .auxiliary_count = sizeof(auxiliary) / sizeof(auxiliary[0]),
        .auxiliary = auxiliary,
    };
    random_fill(task->services->random, stack.random, sizeof(stack.random));
    task->mapping_ceiling = stack.top - STACK_SIZE - STACK_GAP;
    status_t status = address_space_map(&task->space, stack.top - STACK_SIZE, STACK_SIZE, ACCESS_READ | ACCESS_WRITE);
    return status == STATUS_OK ? stack_fill(task, &stack, out_pointer) : status;
}

static status_t task_populate(struct task *task, const struct task_request *request, const char **out_reason) {
    struct program program;
    status_t status =
        loader_load(&task->space, request->image, request->image_size, request->format, &program, out_reason);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t pointer = 0;
    status = stack_create(task, request, &program, &pointer);
    if (status != STATUS_OK) {
        *out_reason = status == STATUS_NO_MEMORY ? "not enough memory for its stack"
                                                 : "its arguments, or the program itself, leave no room for its stack";
        return status;
    }
    task->heap_start = program.end;
    task->heap_end = program.end;
    user_context_init(&task->context, (unsigned long)program.entry, (unsigned long)pointer);
    return STATUS_OK;
}

status_t task_create(struct task *task, const struct task_request *request, const struct page_table *supervisor,
                     const struct task_services *services, const char **out_reason) {
    memset(task, 0, sizeof(*task));
    status_t status = address_space_init(&task->space, supervisor, ADDRESS_FLOOR, request->address_limit);
    if (status != STATUS_OK) {
        *out_reason = "not enough memory for its page table";
        return status;
    }
    copy_name(task->name, last_part(request->path));
    task->services = services;
    task->state = TASK_RUNNING;
    task->descriptors = (1U << TASK_DESCRIPTOR_COUNT) - 1;
    status = task_populate(task, request, out_reason);
    if (status != STATUS_OK) {
        task_destroy(task);
    }
    return status;
}

void task_destroy(struct task *task) {
    address_space_destroy(&task->space);
}

void task_end(struct task *task, enum task_state state, int value) {
    if (task->state == TASK_RUNNING) {
        task->state = state;
        task->value = value;
    }
}
