extern "C" {
#include "tools/packer/file.h"
}

#include "tools/packer/temporary_folder.h"

#include <gtest/gtest.h>

#include <string>

#include <sys/stat.h>

namespace {

class File : public testing::Test {
  protected:
    status_t write(const std::string &path, std::string content) {
        struct buffer buffer = {reinterpret_cast<unsigned char *>(content.data()), content.size()};
        return file_write(path.c_str(), &buffer, &refusal_);
    }

    TemporaryFolder folder_;
    struct refusal refusal_ = {};
};

TEST_F(File, ReadsWhatIsThere) {
    for (const std::string &content : {std::string(), std::string("a\0b", 3), std::string(1000000, 'x')}) {
        struct buffer buffer = {};
        ASSERT_EQ(file_read(folder_.write("a", content).c_str(), &buffer, &refusal_), STATUS_OK) << refusal_.text;
        EXPECT_EQ(std::string(reinterpret_cast<char *>(buffer.data), buffer.size), content);
        buffer_free(&buffer);
        EXPECT_EQ(buffer.data, nullptr);
    }
}

TEST_F(File, RefusesWhatIsNoFile) {
    struct buffer buffer;
    EXPECT_EQ(file_read(folder_.path("none").c_str(), &buffer, &refusal_), STATUS_NOT_FOUND);
    EXPECT_EQ(refusal_.text, folder_.path("none") + ": cannot be opened: No such file or directory");
    EXPECT_EQ(file_read(folder_.path().c_str(), &buffer, &refusal_), STATUS_INVALID);
    EXPECT_EQ(file_read("/dev/null", &buffer, &refusal_), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "/dev/null: is not a regular file");
    ASSERT_EQ(mkfifo(folder_.path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(file_read(folder_.path("fifo").c_str(), &buffer, &refusal_), STATUS_INVALID);
}

TEST_F(File, WritesAndReplaces) {
    mode_t mask = umask(027);
    ASSERT_EQ(write(folder_.path("a"), "one"), STATUS_OK) << refusal_.text;
    umask(mask);
    EXPECT_EQ(folder_.read("a"), "one");
    struct stat information;
    ASSERT_EQ(stat(folder_.path("a").c_str(), &information), 0);
    EXPECT_EQ(information.st_mode & 0777, 0640u);
    ASSERT_EQ(write(folder_.path("a"), ""), STATUS_OK);
    EXPECT_EQ(folder_.read("a"), "");
    EXPECT_EQ(folder_.count_files(), 1u);
}

TEST_F(File, LeavesNothingBehind) {
    folder_.write("folder/a", "");
    EXPECT_EQ(write(folder_.path("none/a"), "one"), STATUS_NOT_FOUND);
    EXPECT_EQ(write(folder_.path("folder"), "one"), STATUS_NOT_FOUND);
    EXPECT_EQ(refusal_.text, folder_.path("folder") + ": cannot be replaced: Is a directory");
    EXPECT_EQ(folder_.count_files(), 1u);
}

} // namespace
