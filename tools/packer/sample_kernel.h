/*
 * For tests: the smallest files that are a Linux Image or an ELF executable for RISC-V.
 */
#pragma once

#include <cstdint>
#include <string>

namespace sample_kernel {

/* Puts `size` bytes of `value`, little-endian, at `offset`. */
inline void put(std::string &file, size_t offset, size_t size, uint64_t value) {
    for (size_t index = 0; index < size; index++) {
        file[offset + index] = static_cast<char>(value >> 8 * index);
    }
}

/* Linux, Documentation/arch/riscv/boot-image-header. */
inline std::string make_linux_image(uint64_t memory_size = 8192, uint64_t text_offset = 0, size_t file_size = 4096) {
    std::string file(file_size, '\0');
    put(file, 8, 8, text_offset);
    put(file, 16, 8, memory_size);
    put(file, 32, 4, 2);
    file.replace(48, 8, std::string("RISCV\0\0\0", 8));
    file.replace(56, 4, "RSC\x05");
    return file;
}

/* An executable with one segment of `memory_size` bytes at `address`, as the System V ABI lays it out. */
inline std::string make_elf(unsigned xlen, uint64_t memory_size = 8192, uint64_t address = 0x80000000) {
    const bool is_64 = xlen == 64;
    const size_t word = is_64 ? 8 : 4, header_size = is_64 ? 64 : 52, entry_size = is_64 ? 56 : 32;
    std::string file(4096 + 16, '\0');
    file.replace(0, 4, "\177ELF");
    put(file, 4, 1, is_64 ? 2 : 1);
    put(file, 5, 1, 1);
    put(file, 6, 1, 1);
    put(file, 16, 2, 2);   /* ET_EXEC */
    put(file, 18, 2, 243); /* EM_RISCV */
    put(file, 20, 4, 1);   /* version */
    put(file, 24, word, address);
    put(file, 24 + word, word, header_size);
    put(file, 24 + 3 * word + 4, 2, header_size);
    put(file, 24 + 3 * word + 6, 2, entry_size);
    put(file, 24 + 3 * word + 8, 2, 1);
    const size_t entry = header_size;
    put(file, entry, 4, 1); /* PT_LOAD */
    put(file, is_64 ? entry + 4 : entry + 24, 4, 5);
    const size_t values = is_64 ? entry + 8 : entry + 4;
    put(file, values, word, 4096);
    put(file, values + word, word, address);
    put(file, values + 2 * word, word, address);
    put(file, values + 3 * word, word, 16);
    put(file, values + 4 * word, word, memory_size);
    put(file, is_64 ? entry + 48 : entry + 28, word, 4096);
    return file;
}

} // namespace sample_kernel
