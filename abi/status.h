/*
 * The one list of status codes. Every function of the kernel and of lib/ that can be refused returns one of these;
 * results go through out_ parameters, which are written only on STATUS_OK.
 *
 * The list is append-only: a value, once released, keeps its meaning for ever. It is the same on rv32, rv64 and the
 * build machine.
 */
#pragma once

/* X(NAME, value, "what a person reads") */
#define STATUS_LIST(X)                                    \
    X(OK, 0, "ok")                                        \
    X(INVALID, 1, "malformed or contradictory argument")  \
    X(DENIED, 2, "not allowed")                           \
    X(NOT_FOUND, 3, "no such thing")                      \
    X(NO_MEMORY, 4, "out of memory")                      \
    X(BUSY, 5, "in use")                                  \
    X(EXISTS, 6, "exists already")                        \
    X(UNSUPPORTED, 7, "not supported")                    \
    X(TOO_BIG, 8, "larger than allowed")                  \
    X(CORRUPT, 9, "damaged: the data contradicts itself") \
    X(FAULT, 10, "address not accessible")                \
    X(AGAIN, 11, "not now: try again later")

#define STATUS_ENUM_ENTRY(name, value, text) STATUS_##name = (value),
enum [[nodiscard]] status { STATUS_LIST(STATUS_ENUM_ENTRY) };
#undef STATUS_ENUM_ENTRY

typedef enum status status_t;

/* The sentence for a status, never null; "unknown status" for a value outside the list. */
const char *status_text(status_t status);
