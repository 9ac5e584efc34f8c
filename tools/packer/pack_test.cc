extern "C" {
#include "tools/packer/contents.h"
#include "tools/packer/pack.h"
}

#include "tools/packer/sample_kernel.h"
#include "tools/packer/temporary_folder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using sample_kernel::make_elf;
using sample_kernel::make_linux_image;
using Words = std::vector<std::string>;

class Pack : public testing::Test {
  protected:
    void SetUp() override {
        folder_.write("Image", make_linux_image());
        folder_.write("copy", make_linux_image());
        folder_.write("elf", make_elf(64));
        folder_.write("ramdisk", std::string(10000, 'r'));
        folder_.write("empty", "");
    }

    ~Pack() override {
        buffer_free(&fit_);
    }

    status_t run(Words words) {
        words.insert(words.begin(), {"packer", "--output", "unused", "--directory", folder_.path()});
        std::vector<char *> argv;
        for (std::string &word : words) {
            argv.push_back(word.data());
        }
        struct options options;
        status_t status = options_parse(static_cast<int>(argv.size()), argv.data(), nullptr, &options, &refusal_);
        if (status != STATUS_OK) {
            ADD_FAILURE() << refusal_.text;
            return status;
        }
        buffer_free(&fit_);
        status = pack(&options, &fit_, &refusal_);
        options_free(&options);
        return status;
    }

    /* Packs `words` and reads the result. */
    void run_and_read(const Words &words) {
        ASSERT_EQ(run(words), STATUS_OK) << refusal_.text;
        ASSERT_EQ(contents_read("test", &fit_, &contents_, &refusal_), STATUS_OK) << refusal_.text;
    }

    /* Without the folder's name. */
    std::string refusal() const {
        std::string text = refusal_.text;
        for (size_t at; (at = text.find(folder_.path() + "/")) != std::string::npos;) {
            text.erase(at, folder_.path().size() + 1);
        }
        return text;
    }

    TemporaryFolder folder_;
    struct buffer fit_ = {};
    struct contents contents_;
    struct refusal refusal_ = {};
};

TEST_F(Pack, WritesWhatTheKernelReads) {
    run_and_read({"--guest", "linux", "--kernel", "Image", "--initrd", "ramdisk", "--bootargs", "console=ttyS0",
                  "--memory", "64M", "--vcpus", "4", "--keyboard", "--guest", "other", "--kernel", "elf",
                  "--hide-extensions", "sstc,v"});
    const struct manifest &manifest = contents_.manifest;
    ASSERT_EQ(manifest.guest_count, 2u);
    const struct manifest_guest &guest = manifest.guests[0];
    EXPECT_STREQ(guest.name, "linux");
    EXPECT_STREQ(guest.bootargs, "console=ttyS0");
    EXPECT_EQ(guest.memory, 64u << 20);
    EXPECT_EQ(guest.vcpus, 4u);
    EXPECT_TRUE(guest.has_keyboard);
    EXPECT_EQ(guest.kernel_image->size, make_linux_image().size());
    EXPECT_EQ(guest.ramdisk_image->size, 10000u);
    EXPECT_STREQ(guest.kernel_image->os, "linux");
    EXPECT_TRUE(manifest_guest_hides(&manifest.guests[1], "v"));
    EXPECT_EQ(manifest.guests[1].kernel_image->size, make_elf(64).size());
}

TEST_F(Pack, StoresEqualFilesOnce) {
    run_and_read({"--guest", "a", "--kernel", "Image", "--initrd", "ramdisk", "--guest", "b", "--kernel", "copy",
                  "--initrd", "ramdisk", "--guest", "c", "--kernel", "elf", "--initrd", "Image"});
    EXPECT_EQ(contents_.fit.image_count, 5u);
    const struct manifest_guest *guests = contents_.manifest.guests;
    EXPECT_EQ(guests[0].kernel_image, guests[1].kernel_image);
    EXPECT_EQ(guests[0].ramdisk_image, guests[1].ramdisk_image);
    EXPECT_STREQ(guests[2].kernel_image->name, "kernel-2");
    EXPECT_STREQ(guests[2].ramdisk_image->name, "ramdisk-2");
}

TEST_F(Pack, TakesAsManyGuestsAsThereCanBe) {
    Words words;
    for (unsigned index = 0; index < MANIFEST_GUESTS_MAX; index++) {
        std::string name = "g" + std::to_string(index);
        folder_.write("kernel-" + name, make_linux_image() + name);
        folder_.write("ramdisk-" + name, name);
        words.insert(words.end(), {"--guest", name, "--kernel", "kernel-" + name, "--initrd", "ramdisk-" + name,
                                   "--bootargs", std::string(1023, 'x'), "--vcpus", "16"});
    }
    run_and_read(words);
    EXPECT_EQ(contents_.manifest.guest_count, MANIFEST_GUESTS_MAX);
    EXPECT_EQ(contents_.fit.image_count, 2 * MANIFEST_GUESTS_MAX + 1);
}

TEST_F(Pack, DoesNotDependOnWhereFilesLie) {
    Words words = {"--guest", "a", "--kernel", "Image", "--initrd", "ramdisk"};
    ASSERT_EQ(run(words), STATUS_OK);
    std::string first(reinterpret_cast<char *>(fit_.data), fit_.size);
    folder_.write("elsewhere/Image", make_linux_image());
    words[3] = "elsewhere/Image";
    ASSERT_EQ(run(words), STATUS_OK);
    EXPECT_EQ(std::string(reinterpret_cast<char *>(fit_.data), fit_.size), first);
}

TEST_F(Pack, RefusesBadFilesByName) {
    EXPECT_EQ(run({"--guest", "a", "--kernel", "none"}), STATUS_NOT_FOUND);
    EXPECT_EQ(refusal(), "none: cannot be opened: No such file or directory");
    EXPECT_EQ(run({"--guest", "a", "--kernel", "ramdisk"}), STATUS_INVALID);
    EXPECT_EQ(refusal(), "ramdisk: is neither a RISC-V Linux Image nor an ELF file");
    EXPECT_EQ(run({"--xlen", "32", "--guest", "a", "--kernel", "elf"}), STATUS_UNSUPPORTED);
    EXPECT_EQ(refusal(), "elf: not a 32-bit ELF file");
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--initrd", "empty"}), STATUS_INVALID);
    EXPECT_EQ(refusal(), "empty: is empty");
}

TEST_F(Pack, RefusesTooLittleMemory) {
    folder_.write("Image", make_linux_image(0x100000, 0x200000));
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--memory", "3M"}), STATUS_TOO_BIG);
    EXPECT_EQ(refusal(), "guest a: --memory of 3 MiB is too little; Image alone takes 3.3 MiB");
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--memory", "3328K"}), STATUS_OK);
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--initrd", "ramdisk", "--memory", "3328K"}), STATUS_TOO_BIG);
    EXPECT_EQ(refusal(), "guest a: --memory of 3.3 MiB is too little; Image and ramdisk alone take 3.3 MiB");
}

TEST_F(Pack, RefusesWhatTheKernelWould) {
    EXPECT_EQ(run({"--guest", "A", "--kernel", "Image"}), STATUS_INVALID);
    EXPECT_EQ(refusal(), "these guests: guest 1 has a name that is not 1 to 15 of a-z, 0-9 and -, a letter first");
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--guest", "a", "--kernel", "Image"}), STATUS_INVALID);
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--memory", "5000001"}), STATUS_INVALID);
    EXPECT_EQ(refusal(), "these guests: guest a: memory is not a multiple of 4 KiB above 0");
    EXPECT_EQ(
        run({"--guest", "a", "--kernel", "Image", "--keyboard", "--guest", "b", "--kernel", "Image", "--keyboard"}),
        STATUS_INVALID);
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--bootargs", std::string(1024, 'x')}), STATUS_TOO_BIG);
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--bootargs", std::string(100000, 'x')}), STATUS_TOO_BIG);
    EXPECT_EQ(run({"--guest", "a", "--kernel", "Image", "--hide-extensions", "a,,b"}), STATUS_INVALID);
}

} // namespace
