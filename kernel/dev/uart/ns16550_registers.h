/*
 * The registers of the 16550 family by index and the bits that we use (TI PC16550D datasheet, section 8). Shared by
 * the driver of the physical UART (ns16550a.c) and the one that we emulate for guests (vuart.c).
 */
#pragma once

enum ns16550_register {
    NS16550_RBR = 0, /* read: received byte */
    NS16550_THR = 0, /* write: byte to send */
    NS16550_DLL = 0, /* divisor, low byte, while LCR.DLAB is set */
    NS16550_IER = 1,
    NS16550_DLM = 1, /* divisor, high byte, while LCR.DLAB is set */
    NS16550_IIR = 2, /* read */
    NS16550_FCR = 2, /* write */
    NS16550_LCR = 3,
    NS16550_MCR = 4,
    NS16550_LSR = 5,
    NS16550_MSR = 6,
    NS16550_SCR = 7,
    NS16550_REGISTER_COUNT = 8,
};

enum {
    NS16550_IER_RECEIVED = 0x01,
    NS16550_IER_THR_EMPTY = 0x02,
    NS16550_IER_MASK = 0x0f,

    NS16550_IIR_NONE = 0x01,
    NS16550_IIR_THR_EMPTY = 0x02,
    NS16550_IIR_RECEIVED = 0x04,
    NS16550_IIR_FIFO_ENABLED = 0xc0,

    NS16550_FCR_ENABLE = 0x01,
    NS16550_FCR_CLEAR_RECEIVER = 0x02,

    NS16550_LCR_8N1 = 0x03,
    NS16550_LCR_DLAB = 0x80,

    NS16550_MCR_DTR = 0x01,
    NS16550_MCR_RTS = 0x02,
    NS16550_MCR_OUT1 = 0x04,
    NS16550_MCR_OUT2 = 0x08,
    NS16550_MCR_LOOP = 0x10,
    NS16550_MCR_MASK = 0x1f,

    NS16550_LSR_DATA_READY = 0x01,
    NS16550_LSR_THR_EMPTY = 0x20,
    NS16550_LSR_IDLE = 0x40,

    NS16550_MSR_CTS = 0x10,
    NS16550_MSR_DSR = 0x20,
    NS16550_MSR_RI = 0x40,
    NS16550_MSR_DCD = 0x80,

    NS16550_FIFO_SIZE = 16,
};
