/*
 * Strings on the heap, for the few places of the packer that build one.
 */
#pragma once

/* As sprintf, into a new string that the caller frees; null when out of memory. */
[[gnu::format(printf, 1, 2)]]
char *text_format(const char *format, ...);

/* `path` as seen from the folder `directory`: unchanged when it is absolute or `directory` is empty. As text_format. */
char *text_join_path(const char *directory, const char *path);

/* The folder that `path` is in, "" for a bare file name. As text_format. */
char *text_directory_of(const char *path);
