/*
 * The kernel stops for good because something is wrong: it has panicked, or cannot boot. There is one end: the first
 * hart that comes to it speaks, and any other, and the same one a second time, stops where it is.
 */
#pragma once

/* Tells the other harts to stop and takes the console, for console_panic_line. Returns on the first hart only. */
void ending_begin(void);

/* Behind the last words: ends the machine with a failure. */
[[noreturn]] void ending_fail(void);
