/* Broken FITs: the kernel refuses each with a sentence, starts no guest, and the machine ends with a failure. */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

#include <libfdt.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

class Images : public testing::Test {
  protected:
    void SetUp() override {
        std::ifstream file(test_arguments().machine + ".fit", std::ios::binary);
        fit_.assign(std::istreambuf_iterator<char>(file), {});
        ASSERT_EQ(fdt_check_header(fit_.data()), 0);
    }

    int node(const std::string &path) const {
        int offset = fdt_path_offset(fit_.data(), path.c_str());
        EXPECT_GE(offset, 0) << path << ": " << fdt_strerror(offset);
        return offset;
    }

    std::string first_image() const {
        return fdt_get_name(fit_.data(), fdt_first_subnode(fit_.data(), node("/images")), nullptr);
    }

    uint32_t number(const std::string &path, const char *name) const {
        const void *value = fdt_getprop(fit_.data(), node(path), name, nullptr);
        EXPECT_NE(value, nullptr) << path << " " << name;
        return value == nullptr ? 0 : fdt32_ld(static_cast<const fdt32_t *>(value));
    }

    /* A byte of the data of an image: outside of the tree, behind it. */
    char &data_byte(const std::string &image, uint32_t offset) {
        size_t base = fdt_getprop(fit_.data(), node("/images/" + image), "data-position", nullptr) != nullptr
                          ? number("/images/" + image, "data-position")
                          : (fdt_totalsize(fit_.data()) + 3) / 4 * 4 + number("/images/" + image, "data-offset");
        return fit_.at(base + offset);
    }

    std::string write() const {
        const std::string path = std::filesystem::path(std::getenv("TEST_TMPDIR")) / "broken.fit";
        std::ofstream(path, std::ios::binary).write(fit_.data(), static_cast<std::streamsize>(fit_.size()));
        return path;
    }

    void expect_refusal(const std::string &sentence) const {
        Machine machine({"--", "-initrd", write()});
        EXPECT_TRUE(
            machine.expect("^diosix: cannot start: the guests' images \\(FIT at 0x[0-9a-f]+\\): .*" + sentence));
        EXPECT_TRUE(machine.ends_with(1));
        const std::string transcript = machine.transcript();
        EXPECT_EQ(transcript.find("started"), std::string::npos) << transcript;
        EXPECT_EQ(transcript.find("cannot start"), transcript.rfind("cannot start")) << transcript;
    }

    std::vector<char> fit_;
};

TEST_F(Images, WholeOnesAreTaken) {
    Machine machine({"--", "-initrd", write()});
    EXPECT_TRUE(machine.expect("^guest hello: started$"));
    EXPECT_TRUE(machine.ends_with(0));
}

TEST_F(Images, DataIsDamagedAtItsStart) {
    data_byte(first_image(), 0) ^= 1;
    expect_refusal("is damaged");
}

TEST_F(Images, DataIsDamagedAtItsEnd) {
    data_byte(first_image(), number("/images/" + first_image(), "data-size") - 1) ^= static_cast<char>(0x80);
    expect_refusal("is damaged");
}

TEST_F(Images, KernelIsDamaged) {
    data_byte("kernel-1", number("/images/kernel-1", "data-size") / 2) ^= 0x10;
    expect_refusal("kernel-1 is damaged");
}

/* As many harts find out at once. */
TEST_F(Images, AllAreDamaged) {
    int image = 0;
    fdt_for_each_subnode(image, fit_.data(), node("/images")) {
        data_byte(fdt_get_name(fit_.data(), image, nullptr), 0) ^= 1;
    }
    expect_refusal("is damaged: its sha256 does not match$");
}

TEST_F(Images, HashIsMissing) {
    int hash = fdt_first_subnode(fit_.data(), node("/images/kernel-1"));
    ASSERT_EQ(fdt_nop_node(fit_.data(), hash), 0);
    expect_refusal("kernel-1 has no hash");
}

TEST_F(Images, HashIsOfAnUnknownKind) {
    int hash = fdt_first_subnode(fit_.data(), node("/images/kernel-1"));
    ASSERT_EQ(fdt_setprop_inplace(fit_.data(), hash, "algo", "sha999", sizeof "sha999"), 0);
    expect_refusal("kernel-1 has a hash of an unknown kind");
}

TEST_F(Images, HashIsAnother) {
    int hash = fdt_first_subnode(fit_.data(), node("/images/kernel-1"));
    uint32_t ones = 0xffffffff;
    ASSERT_EQ(fdt_setprop_inplace_namelen_partial(fit_.data(), hash, "value", 5, 0, &ones, sizeof ones), 0);
    expect_refusal("kernel-1 is damaged");
}

TEST_F(Images, DataReachesBeyondTheEnd) {
    fit_.resize(fit_.size() / 2);
    expect_refusal("beyond the end");
}

TEST_F(Images, TreeIsCutOff) {
    fit_.resize(64);
    expect_refusal("");
}

TEST_F(Images, TreeIsDamaged) {
    /* Each word of the structure in turn would be more; that is what the host's tests of lib/fit are for. */
    uint32_t junk = 0x07070707;
    size_t structure = fdt_off_dt_struct(fit_.data());
    std::copy_n(reinterpret_cast<const char *>(&junk), sizeof junk, fit_.begin() + static_cast<long>(structure) + 8);
    expect_refusal("");
}

TEST_F(Images, ThereIsNoTree) {
    std::fill(fit_.begin(), fit_.end(), '\0');
    expect_refusal("");
}

} // namespace
