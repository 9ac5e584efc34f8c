/*
 * The first instruction of a guest reads the time, so what comes before it is booting: on ours with all that verifies, places and scrubs, on other
 * firmware whatever it does. Then "bench boot N00" is printed: a tick is a hundred instructions. No more than a page, and nothing that needs RAM before that.
 */
    .section .head, "ax", @progbits
    .globl _start
_start:
    .option push
    .option norvc
    csrr    s0, time
    j       start                   /* the header's fields have fixed places (Linux: Documentation/arch/riscv/boot-image-header.rst) */
    .option pop
#if __riscv_xlen == 64
    .dword  0x200000
#else
    .dword  0x400000
#endif
    .dword  image_size
    .dword  0                       /* flags: little-endian */
    .word   2                       /* header version 0.2 */
    .word   0
    .dword  0
    .ascii  "RISCV\0\0\0"
    .ascii  "RSC\x05"
    .word   0

start:
    lla     s1, digits_end
    li      t0, 10
next_digit:
    remu    t1, s0, t0
    divu    s0, s0, t0
    addi    t1, t1, '0'
    addi    s1, s1, -1
    sb      t1, (s1)
    bnez    s0, next_digit

    lla     s2, line
    call    print
    mv      s2, s1
    call    print

    li      a0, 0                   /* shutdown, no reason */
    li      a1, 0
    li      a6, 0
    li      a7, 0x53525354          /* SRST */
    ecall

    /* The text at s2, up to a NUL, byte by byte (DBCN). */
print:
    lbu     a0, (s2)
    beqz    a0, printed
    li      a6, 2
    li      a7, 0x4442434e
    ecall
    beqz    a0, taken
    j       print                   /* no room at the moment */
taken:
    addi    s2, s2, 1
    j       print
printed:
    ret

line:
    .asciz  "bench boot "
    .space  20
digits_end:
    .asciz  "00\n"
