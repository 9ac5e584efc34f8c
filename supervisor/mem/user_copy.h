/*
 * Every access of the supervisor to a user program's memory. The program's page table says where the bytes are and the
 * supervisor uses its own mapping of them: it never dereferences a user address, so none can hurt it, and sstatus.SUM
 * stays off.
 *
 * FAULT: some byte is not the program's to read or write; NO_MEMORY: a first use found no page. What lies before
 * that byte has then been copied.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "supervisor/mem/address_space.h"

status_t user_copy_in(struct address_space *space, void *to, uint64_t from, size_t size);
status_t user_copy_out(struct address_space *space, uint64_t to, const void *from, size_t size);

/* Whether the program may do `access` (not ACCESS_NONE) with all of the bytes, and brings them in: a copy cannot fail
 * then. */
status_t user_check(struct address_space *space, uint64_t address, size_t size, unsigned access);

/* For the loader: writes whatever the region's access is, as long as there is one. */
status_t user_populate(struct address_space *space, uint64_t to, const void *from, size_t size);
