/*
 * The packer as a program: exit statuses, what it leaves behind, and that U-Boot's dumpimage lists what it makes.
 */
#include "tools/packer/child_process.h"
#include "tools/packer/sample_kernel.h"
#include "tools/packer/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

class Packer : public testing::Test {
  protected:
    void SetUp() override {
        folder_.write("Image", sample_kernel::make_linux_image());
        folder_.write("ramdisk", "ramdisk");
        folder_.write("guests.txt", "--guest linux --kernel Image --initrd ramdisk\n--bootargs 'a b'\n");
    }

    int run(ChildProcess::Words words, const ChildProcess::Environment &environment = {}) {
        ChildProcess child(words, environment);
        int status = child.finish();
        output_ = child.output;
        errors_ = child.errors;
        return status;
    }

    int run_packer(ChildProcess::Words words, const ChildProcess::Environment &environment = {}) {
        words.insert(words.begin(), getenv("PACKER"));
        return run(words, environment);
    }

    TemporaryFolder folder_;
    std::string output_, errors_;
};

TEST_F(Packer, PacksAndLists) {
    ASSERT_EQ(run_packer({"--output", folder_.path("x.fit"), "@" + folder_.path("guests.txt")}), 0) << errors_;
    EXPECT_EQ(output_ + errors_, "");
    ASSERT_EQ(run_packer({"--list", folder_.path("x.fit")}), 0) << errors_;
    EXPECT_NE(output_.find("guest linux"), std::string::npos);
    EXPECT_NE(output_.find("bootargs  a b"), std::string::npos);
}

TEST_F(Packer, IsListedByDumpimage) {
    ASSERT_EQ(run_packer({"--output", folder_.path("x.fit"), "@" + folder_.path("guests.txt")}), 0) << errors_;
    ASSERT_EQ(run({getenv("DUMPIMAGE"), "-l", folder_.path("x.fit")}), 0) << errors_;
    for (const char *text : {"FIT description: Diosix guests", "Image 0 (guests)", "Type:         Flat Device Tree",
                             "Image 1 (kernel-1)", "Type:         Kernel Image", "Architecture: RISC-V",
                             "Image 2 (ramdisk-1)", "Type:         RAMDisk Image", "Hash algo:    sha256",
                             "Default Configuration: 'conf-1'", "FDT:          guests", "Loadables:    kernel-1"}) {
        EXPECT_NE(output_.find(text), std::string::npos) << text << "\n" << output_;
    }
}

TEST_F(Packer, TakesTheEpoch) {
    ASSERT_EQ(
        run_packer({"--output", folder_.path("a"), "@" + folder_.path("guests.txt")}, {{"SOURCE_DATE_EPOCH", "86400"}}),
        0);
    ASSERT_EQ(run_packer({"--output", folder_.path("b"), "--timestamp", "86400", "@" + folder_.path("guests.txt")}), 0);
    EXPECT_EQ(folder_.read("a"), folder_.read("b"));
    ASSERT_EQ(run({getenv("DUMPIMAGE"), "-l", folder_.path("a")}, {{"TZ", "UTC"}}), 0);
    EXPECT_NE(output_.find("Fri Jan  2 00:00:00 1970"), std::string::npos) << output_;
}

TEST_F(Packer, LeavesTheOldFileWhenItFails) {
    folder_.write("x.fit", "old");
    size_t count = folder_.count_files();
    EXPECT_EQ(run_packer({"--output", folder_.path("x.fit"), "--guest", "a", "--kernel", folder_.path("ramdisk")}), 1);
    EXPECT_EQ(errors_, "error: " + folder_.path("ramdisk") + ": is neither a RISC-V Linux Image nor an ELF file\n");
    EXPECT_EQ(folder_.read("x.fit"), "old");
    EXPECT_EQ(folder_.count_files(), count);
}

TEST_F(Packer, RefusesDamagedFiles) {
    ASSERT_EQ(run_packer({"--output", folder_.path("x.fit"), "@" + folder_.path("guests.txt")}), 0);
    std::string fit = folder_.read("x.fit");
    fit[2 * 4096] ^= 1;
    folder_.write("x.fit", fit);
    EXPECT_EQ(run_packer({"--list", folder_.path("x.fit")}), 1);
    EXPECT_EQ(errors_, "error: " + folder_.path("x.fit") + ": image kernel-1 is damaged: its sha256 does not match\n");
    EXPECT_EQ(output_, "");
}

TEST_F(Packer, TellsBadOptionsApart) {
    EXPECT_EQ(run_packer({"--guests"}), 2);
    EXPECT_EQ(errors_, "error: --guests: there is no such option (--help lists the options)\n");
    EXPECT_EQ(run_packer({"--help"}), 0);
    EXPECT_EQ(output_.find("usage: packer"), 0u);
}

} // namespace
