/* All FP registers at once, of harts without D, for guests that use them without having been told; sstatus.FS must be on. */
    .option arch, +f

    .text
    .globl secrets_single_fill      /* a0 = a word for all of them */
secrets_single_fill:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fmv.w.x f\n, a0
    .endr
    ret

    .globl secrets_single_store     /* a0 = room for 32 words */
secrets_single_store:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fsw     f\n, (4 * \n)(a0)
    .endr
    ret
