/* Lines on the guest's console, through SBI DBCN; whole lines, whichever hart they come from. */
#pragma once

#include <stddef.h>

[[gnu::format(printf, 1, 2)]] void print(const char *format, ...);

/* Text as it is, until all of it has been taken. */
void print_text(const char *text, size_t size);
