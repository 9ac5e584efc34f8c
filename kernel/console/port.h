/*
 * One guest's end of the console: what it prints goes into one ring, the keys meant for it into another.
 *
 * The guest's side (the emulated UART, the SBI console) calls port_write, port_space, port_read and
 * port_input_pending, on any hart and from several at once. None of them waits for the UART: the port's lock is held
 * for a copy between memory and memory only. The console takes and gives at the other ends.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/console/tag.h"
#include "kernel/console/tagger.h"
#include "kernel/sync/spinlock.h"
#include "lib/ring.h"

enum {
    PORT_OUTPUT_SIZE = 4096,
    PORT_INPUT_SIZE = 256,
    PORT_FETCH_SIZE = 64,
};

/* What the console keeps of a guest's line between two calls; guarded by the console's lock, not the port's. */
struct port_display {
    struct tag tag;
    struct tagger tagger;
    uint8_t fetched[PORT_FETCH_SIZE]; /* out of the output ring, not yet through the tagger */
    size_t fetched_begin;
    size_t fetched_end;
    uint64_t changed_at;   /* when the line last changed, in ticks */
    uint64_t hidden_count; /* bytes dropped while another guest had the raw view */
    bool changed;          /* the line has something to show that it has not shown */
    bool displaced;        /* the line was seen unfinished, and another's took the screen */
    bool ending;           /* the guest is gone: its line ends when all it printed is through */
    size_t ending_left;    /* while ending: bytes of that still to come; what its next life prints is not among them */
};

struct port {
    struct spinlock lock;
    /* guarded by lock: */
    struct ring output;
    struct ring input;
    uint8_t output_bytes[PORT_OUTPUT_SIZE];
    uint8_t input_bytes[PORT_INPUT_SIZE];

    /* constant once the console has the port: */
    char name[TAG_NAME_SIZE];
    void (*on_input)(struct port *port, void *context); /* may be null; called without any lock of the console */
    void *on_input_context;

    struct port_display display;
};

/* Makes a port with empty rings; see tag_init for what a name may hold. `on_input` is told when keys have arrived. */
void port_init(struct port *port, const char *name, void (*on_input)(struct port *port, void *context), void *context);

/* Takes as much of the bytes as there is room for, from their start on; returns how much. The rest is the guest's to
 * offer again. */
size_t port_write(struct port *port, const void *bytes, size_t size);

/* How many bytes port_write would take now. Only other writers of the same guest can make it less. */
size_t port_space(struct port *port);

/* Fetches up to `size` bytes of what was typed; returns how many. */
size_t port_read(struct port *port, void *out_bytes, size_t size);

/* How many bytes port_read would fetch. */
size_t port_input_pending(struct port *port);

/* What port_input_pending and port_space say, of the same moment. */
void port_look(struct port *port, uint32_t *out_pending, uint32_t *out_space);

/* Forgets what was typed and not yet read. */
void port_drop_input(struct port *port);

/* For the console. */

/* Queues typed bytes; returns how many fitted. */
size_t port_put_input(struct port *port, const void *bytes, size_t size);

/* Takes up to `size` bytes of output, oldest first; returns how many. */
size_t port_take_output(struct port *port, void *out_bytes, size_t size);

/* How many bytes port_take_output would take. */
size_t port_output_pending(struct port *port);

/* Drops the oldest output until at most `keep` bytes are left; returns how many were dropped. */
size_t port_trim_output(struct port *port, size_t keep);
