/*
 * Sizes in bytes as people write and read them: "512M" in a guest's description or on a command line, "64 MiB" in the
 * boot log. All units are powers of 1024.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

/* Enough for every text of sizes_print, with its NUL. */
#define SIZES_TEXT_SIZE 16

/*
 * Reads a decimal or 0x hexadecimal number, and optionally one space and a unit: K M G or T in either case, optionally
 * followed by "iB". Nothing else may precede or follow. STATUS_INVALID: it is something else. STATUS_TOO_BIG: it is
 * 2^64 bytes or more.
 */
status_t sizes_parse(const char *text, uint64_t *out_bytes);

/*
 * Writes bytes in the largest unit it reaches: "64 MiB" if that is exact, else rounded to a tenth, "31.0 MiB". Returns
 * the length wanted, like format_buffer.
 */
size_t sizes_print(char *buffer, size_t size, uint64_t bytes);
