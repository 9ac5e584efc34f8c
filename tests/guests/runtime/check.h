/*
 * Checks: each prints a line, and the guest ends with how many held. It shuts down with no reason if all did, else with
 * "system failure", so that the kernel's report tells them apart.
 */
#pragma once

/* Returns `holds`. */
[[gnu::format(printf, 2, 3)]] bool check(bool holds, const char *format, ...);

/* For checks by the thousand: says nothing while they hold. */
[[gnu::format(printf, 2, 3)]] bool check_quietly(bool holds, const char *format, ...);

/* A call's or a counter's result. */
bool check_equal(unsigned long seen, unsigned long expected, const char *what);

[[noreturn]] void check_finish(void);
