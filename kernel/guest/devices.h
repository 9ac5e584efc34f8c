/* Where the devices that a guest sees are in its physical address space. Nothing else is there. */
#pragma once

#define DEVICE_UART_BASE UINT64_C(0x10000000)
#define DEVICE_UART_SIZE UINT64_C(0x100)
