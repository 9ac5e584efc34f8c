/* All vector registers at once, for guests that use them without having been told; mstatus.VS must be on. */
    .option arch, +zve32x

    .text
    .globl secrets_vector_fill      /* a0 = a byte for all of them */
secrets_vector_fill:
    vsetvli t0, zero, e8, m8, ta, ma
    vmv.v.x v0, a0
    vmv.v.x v8, a0
    vmv.v.x v16, a0
    vmv.v.x v24, a0
    ret

    .globl secrets_vector_store     /* a0 = room for them; returns the size of each group of eight, of which there are four */
secrets_vector_store:
    vsetvli t0, zero, e8, m8, ta, ma
    vse8.v  v0, (a0)
    add     a0, a0, t0
    vse8.v  v8, (a0)
    add     a0, a0, t0
    vse8.v  v16, (a0)
    add     a0, a0, t0
    vse8.v  v24, (a0)
    mv      a0, t0
    ret
