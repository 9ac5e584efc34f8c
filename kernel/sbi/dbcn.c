/* DBCN: the guest's console without a device (SBI v3.0, "Debug Console Extension"). The kernel never waits here. */
#include "kernel/arch/guest_memory.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/guest/guest.h"
#include "kernel/sbi/sbi.h"

enum { CONSOLE_WRITE = 0, CONSOLE_READ = 1, CONSOLE_WRITE_BYTE = 2 };

enum { CHUNK_SIZE = 256 };

/* Moves bytes between the guest's memory and its port; returns how many, or STATUS_FAULT before the first. */
typedef status_t move_fn(struct vcpu *vcpu, gpaddr_t address, size_t size, size_t *out_moved);

static status_t move_out(struct vcpu *vcpu, gpaddr_t address, size_t size, size_t *out_moved) {
    uint8_t chunk[CHUNK_SIZE];
    size_t space = port_space(&vcpu->guest->port);
    size_t wanted = size < space ? size : space;
    wanted = wanted < CHUNK_SIZE ? wanted : CHUNK_SIZE;
    status_t status = arch_guest_read_physical(&vcpu->context, address, chunk, wanted);
    if (status == STATUS_OK) {
        *out_moved = port_write(&vcpu->guest->port, chunk, wanted);
    }
    return status;
}

static status_t move_in(struct vcpu *vcpu, gpaddr_t address, size_t size, size_t *out_moved) {
    uint8_t chunk[CHUNK_SIZE];
    size_t count = port_read(&vcpu->guest->port, chunk, size < CHUNK_SIZE ? size : CHUNK_SIZE);
    status_t status = arch_guest_write_physical(&vcpu->context, address, chunk, count);
    if (status == STATUS_OK) {
        *out_moved = count;
    }
    return status;
}

/* As much as goes now: "partial or no writes" are allowed. No more than a port holds, even if somebody shows or types
 * something meanwhile, so this is bounded. */
static struct sbi_result move(struct vcpu *vcpu, const unsigned long *arguments, move_fn *step) {
    size_t size = arguments[0];
    uint64_t address = arguments[1];
    if (sizeof(unsigned long) == 4) {
        address |= (uint64_t)arguments[2] << 32;
    } else if (arguments[2] != 0) {
        return sbi_error(SBI_ERR_INVALID_PARAM); /* beyond 64 bits of address */
    }
    if (!guest_owns(vcpu->guest, gpaddr(address), size)) {
        return sbi_error(SBI_ERR_INVALID_PARAM);
    }
    size = size < PORT_OUTPUT_SIZE ? size : PORT_OUTPUT_SIZE;
    size_t done = 0;
    while (done < size) {
        size_t moved;
        if (step(vcpu, gpaddr(address + done), size - done, &moved) != STATUS_OK) {
            return sbi_error(SBI_ERR_INVALID_PARAM);
        }
        if (moved == 0) {
            break;
        }
        done += moved;
    }
    return sbi_value(done);
}

static struct sbi_result write_byte(struct vcpu *vcpu, uint8_t byte) {
    if (port_write(&vcpu->guest->port, &byte, 1) != 0) {
        return sbi_value(0);
    }
    return sbi_again(vcpu); /* "blocking": the guest can be interrupted meanwhile */
}

struct sbi_result sbi_dbcn(struct vcpu *vcpu, unsigned long function, const unsigned long *arguments) {
    struct sbi_result result;
    switch (function) {
    case CONSOLE_WRITE:
        result = move(vcpu, arguments, move_out);
        break;
    case CONSOLE_READ:
        return move(vcpu, arguments, move_in);
    case CONSOLE_WRITE_BYTE:
        result = write_byte(vcpu, (uint8_t)arguments[0]);
        break;
    default:
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
    kernel_console_kick(vcpu->hart);
    return result;
}
