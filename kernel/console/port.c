/* The two rings of port.h and their lock. */
#include "kernel/console/port.h"

#include <string.h>

#include "lib/format.h"

static_assert((PORT_OUTPUT_SIZE & (PORT_OUTPUT_SIZE - 1)) == 0 && (PORT_INPUT_SIZE & (PORT_INPUT_SIZE - 1)) == 0,
              "sizes of rings are powers of two, so that ring_init cannot refuse them");

void port_init(struct port *port, const char *name, void (*on_input)(struct port *port, void *context), void *context) {
    memset(port, 0, sizeof(*port));
    (void)ring_init(&port->output, port->output_bytes, sizeof(port->output_bytes));
    (void)ring_init(&port->input, port->input_bytes, sizeof(port->input_bytes));
    format_buffer(port->name, sizeof(port->name), "%s", name);
    port->on_input = on_input;
    port->on_input_context = context;
}

size_t port_write(struct port *port, const void *bytes, size_t size) {
    spinlock_lock(&port->lock);
    size_t accepted = ring_put(&port->output, bytes, size);
    spinlock_unlock(&port->lock);
    return accepted;
}

size_t port_space(struct port *port) {
    spinlock_lock(&port->lock);
    size_t space = ring_space(&port->output);
    spinlock_unlock(&port->lock);
    return space;
}

void port_look(struct port *port, uint32_t *out_pending, uint32_t *out_space) {
    spinlock_lock(&port->lock);
    *out_pending = (uint32_t)ring_count(&port->input);
    *out_space = (uint32_t)ring_space(&port->output);
    spinlock_unlock(&port->lock);
}

size_t port_read(struct port *port, void *out_bytes, size_t size) {
    spinlock_lock(&port->lock);
    size_t fetched = ring_get(&port->input, out_bytes, size);
    spinlock_unlock(&port->lock);
    return fetched;
}

size_t port_input_pending(struct port *port) {
    spinlock_lock(&port->lock);
    size_t pending = ring_count(&port->input);
    spinlock_unlock(&port->lock);
    return pending;
}

void port_drop_input(struct port *port) {
    spinlock_lock(&port->lock);
    ring_clear(&port->input);
    spinlock_unlock(&port->lock);
}

size_t port_put_input(struct port *port, const void *bytes, size_t size) {
    spinlock_lock(&port->lock);
    size_t accepted = ring_put(&port->input, bytes, size);
    spinlock_unlock(&port->lock);
    return accepted;
}

size_t port_take_output(struct port *port, void *out_bytes, size_t size) {
    spinlock_lock(&port->lock);
    size_t taken = ring_get(&port->output, out_bytes, size);
    spinlock_unlock(&port->lock);
    return taken;
}

size_t port_output_pending(struct port *port) {
    spinlock_lock(&port->lock);
    size_t pending = ring_count(&port->output);
    spinlock_unlock(&port->lock);
    return pending;
}

size_t port_trim_output(struct port *port, size_t keep) {
    spinlock_lock(&port->lock);
    size_t count = ring_count(&port->output);
    size_t dropped = count > keep ? ring_drop(&port->output, count - keep) : 0;
    spinlock_unlock(&port->lock);
    return dropped;
}
