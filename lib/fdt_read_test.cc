#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include <libfdt.h>

#include "lib/fdt_read.h"
}

namespace {

std::vector<uint8_t> Cells(const std::vector<uint32_t> &cells) {
    std::vector<uint8_t> bytes;
    for (uint32_t cell : cells) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.push_back(static_cast<uint8_t>(cell >> shift));
        }
    }
    return bytes;
}

// Writes a tree in order: Node(name, body) nests.
class Tree {
  public:
    explicit Tree(const std::function<void(Tree &)> &body) : blob_(65536) {
        EXPECT_EQ(fdt_create(blob_.data(), static_cast<int>(blob_.size())), 0);
        EXPECT_EQ(fdt_finish_reservemap(blob_.data()), 0);
        Node("", body);
        EXPECT_EQ(fdt_finish(blob_.data()), 0);
        blob_.resize(fdt_totalsize(blob_.data()));
    }
    void Node(const char *name, const std::function<void(Tree &)> &body) {
        EXPECT_EQ(fdt_begin_node(blob_.data(), name), 0);
        body(*this);
        EXPECT_EQ(fdt_end_node(blob_.data()), 0);
    }
    void Bytes(const char *name, const std::vector<uint8_t> &bytes) {
        const void *start =
            bytes.empty() ? "" : static_cast<const void *>(bytes.data()); // libfdt copies from it even then
        EXPECT_EQ(fdt_property(blob_.data(), name, start, static_cast<int>(bytes.size())), 0);
    }
    void Put(const char *name, const std::vector<uint32_t> &cells) {
        Bytes(name, Cells(cells));
    }
    void Text(const char *name, const std::string &text) {
        Bytes(name, std::vector<uint8_t>(text.begin(), text.end()));
    }
    const void *data() const {
        return blob_.data();
    }
    const std::vector<uint8_t> &blob() const {
        return blob_;
    }
    int At(const char *path) const {
        int node = fdt_path_offset(blob_.data(), path);
        EXPECT_GE(node, 0) << path;
        return node;
    }

  private:
    std::vector<uint8_t> blob_;
};

Tree RootWith(const std::function<void(Tree &)> &body) {
    return Tree(body);
}

TEST(FdtRead, U32) {
    Tree tree = RootWith([](Tree &t) {
        t.Put("one", {0x12345678});
        t.Put("two", {1, 2});
        t.Bytes("short", {1, 2, 3});
        t.Bytes("none", {});
    });
    uint32_t value = 7;
    EXPECT_EQ(fdt_read_u32(tree.data(), 0, "missing", &value), STATUS_NOT_FOUND);
    EXPECT_EQ(fdt_read_u32(tree.data(), 0, "two", &value), STATUS_CORRUPT);
    EXPECT_EQ(fdt_read_u32(tree.data(), 0, "short", &value), STATUS_CORRUPT);
    EXPECT_EQ(fdt_read_u32(tree.data(), 0, "none", &value), STATUS_CORRUPT);
    EXPECT_EQ(value, 7u);
    EXPECT_EQ(fdt_read_u32(tree.data(), 0, "one", &value), STATUS_OK);
    EXPECT_EQ(value, 0x12345678u);
    EXPECT_EQ(fdt_read_u32(tree.data(), 3, "one", &value), STATUS_CORRUPT) << "not the offset of a node";
    EXPECT_EQ(fdt_read_u32(tree.data(), -1, "one", &value), STATUS_CORRUPT);
    EXPECT_EQ(fdt_read_u32(tree.data(), INT32_MAX, "one", &value), STATUS_CORRUPT);
}

TEST(FdtRead, U64OfEitherWidth) {
    Tree tree = RootWith([](Tree &t) {
        t.Put("one", {0x89abcdef});
        t.Put("two", {0xfedcba98, 0x76543210});
        t.Put("three", {1, 2, 3});
        t.Bytes("none", {});
    });
    uint64_t value = 7;
    EXPECT_EQ(fdt_read_u64(tree.data(), 0, "missing", &value), STATUS_NOT_FOUND);
    EXPECT_EQ(fdt_read_u64(tree.data(), 0, "three", &value), STATUS_CORRUPT);
    EXPECT_EQ(fdt_read_u64(tree.data(), 0, "none", &value), STATUS_CORRUPT);
    EXPECT_EQ(value, 7u);
    EXPECT_EQ(fdt_read_u64(tree.data(), 0, "one", &value), STATUS_OK);
    EXPECT_EQ(value, 0x89abcdefu);
    EXPECT_EQ(fdt_read_u64(tree.data(), 0, "two", &value), STATUS_OK);
    EXPECT_EQ(value, UINT64_C(0xfedcba9876543210));
}

TEST(FdtRead, Strings) {
    using namespace std::string_literals;
    Tree tree = RootWith([](Tree &t) {
        t.Text("one", "hello\0"s);
        t.Text("list", "a\0\0ccc\0"s);
        t.Text("open", "hello"s);
        t.Text("open-list", "a\0b"s);
        t.Text("none", "");
        t.Text("empty", "\0"s);
    });
    const char *text = nullptr;
    EXPECT_EQ(fdt_read_string(tree.data(), 0, "missing", &text), STATUS_NOT_FOUND);
    EXPECT_EQ(fdt_read_string(tree.data(), 0, "open", &text), STATUS_CORRUPT);
    EXPECT_EQ(fdt_read_string(tree.data(), 0, "open-list", &text), STATUS_CORRUPT);
    EXPECT_EQ(fdt_read_string(tree.data(), 0, "none", &text), STATUS_CORRUPT);
    EXPECT_EQ(text, nullptr);
    EXPECT_EQ(fdt_read_string(tree.data(), 0, "one", &text), STATUS_OK);
    EXPECT_STREQ(text, "hello");
    EXPECT_EQ(fdt_read_string(tree.data(), 0, "empty", &text), STATUS_OK);
    EXPECT_STREQ(text, "");

    const char *const expected[] = {"a", "", "ccc"};
    for (uint32_t index = 0; index < 3; index++) {
        ASSERT_EQ(fdt_read_string_at(tree.data(), 0, "list", index, &text), STATUS_OK);
        EXPECT_STREQ(text, expected[index]);
    }
    EXPECT_EQ(fdt_read_string_at(tree.data(), 0, "list", 3, &text), STATUS_NOT_FOUND);
    EXPECT_EQ(fdt_read_string_at(tree.data(), 0, "list", UINT32_MAX, &text), STATUS_NOT_FOUND);
    EXPECT_EQ(fdt_read_string_at(tree.data(), 0, "open-list", 0, &text), STATUS_CORRUPT);
    EXPECT_STREQ(text, "ccc");
}

// A bus with these cells (-1: says nothing) and a device with this reg.
Tree BusAndDevice(int address_cells, int size_cells, const std::vector<uint32_t> &reg) {
    return RootWith([&](Tree &t) {
        t.Node("bus", [&](Tree &bus) {
            if (address_cells >= 0) {
                bus.Put("#address-cells", {static_cast<uint32_t>(address_cells)});
            }
            if (size_cells >= 0) {
                bus.Put("#size-cells", {static_cast<uint32_t>(size_cells)});
            }
            bus.Node("device", [&](Tree &device) { device.Put("reg", reg); });
        });
    });
}

struct fdt_place Place(const Tree &tree, const char *path) {
    struct fdt_place place = {};
    EXPECT_EQ(fdt_place_find(tree.data(), tree.At(path), &place), STATUS_OK) << path;
    return place;
}

status_t ReadRegion(const Tree &tree, const char *path, struct fdt_region *out) {
    struct fdt_place place = Place(tree, path);
    return fdt_read_region(tree.data(), &place, 0, out);
}

void ExpectReg(const Tree &tree, uint32_t index, uint64_t address, uint64_t size) {
    struct fdt_region region = {};
    ASSERT_EQ(fdt_read_reg(tree.data(), tree.At("/bus"), tree.At("/bus/device"), index, &region), STATUS_OK);
    EXPECT_EQ(region.address, address);
    EXPECT_EQ(region.size, size);
}

status_t RegRefusal(const Tree &tree, uint32_t index = 0) {
    struct fdt_region region = {7, 7};
    status_t status = fdt_read_reg(tree.data(), tree.At("/bus"), tree.At("/bus/device"), index, &region);
    EXPECT_EQ(region.address, 7u);
    EXPECT_EQ(region.size, 7u);
    return status;
}

TEST(FdtRead, RegOfEveryWidth) {
    ExpectReg(BusAndDevice(1, 1, {1, 2, 3, 4}), 0, 1, 2);
    ExpectReg(BusAndDevice(1, 1, {1, 2, 3, 4}), 1, 3, 4);
    ExpectReg(BusAndDevice(2, 2, {1, 2, 3, 4}), 0, 0x100000002, 0x300000004);
    ExpectReg(BusAndDevice(2, 1, {1, 2, 3}), 0, 0x100000002, 3);
    ExpectReg(BusAndDevice(1, 2, {1, 2, 3}), 0, 1, 0x200000003);
    ExpectReg(BusAndDevice(1, 0, {1, 2, 3}), 2, 3, 0);
    ExpectReg(BusAndDevice(-1, -1, {1, 2, 3}), 0, 0x100000002, 3);
    ExpectReg(BusAndDevice(2, 2, {0xffffffff, 0xfffff000, 0, 0x1000}), 0, UINT64_C(0xfffffffffffff000), 0x1000);
}

TEST(FdtRead, RegOnTheRootBus) {
    Tree tree = RootWith([](Tree &t) {
        t.Put("#address-cells", {1});
        t.Node("device", [](Tree &device) { device.Put("reg", {5, 6}); });
    });
    struct fdt_region region = {};
    ASSERT_EQ(ReadRegion(tree, "/device", &region), STATUS_OK);
    EXPECT_EQ(region.address, 5u);
    EXPECT_EQ(region.size, 6u);
}

TEST(FdtRead, RegRefusals) {
    EXPECT_EQ(RegRefusal(BusAndDevice(1, 1, {1, 2, 3, 4}), 2), STATUS_NOT_FOUND);
    EXPECT_EQ(RegRefusal(BusAndDevice(1, 1, {1, 2, 3, 4}), UINT32_MAX), STATUS_NOT_FOUND);
    EXPECT_EQ(RegRefusal(BusAndDevice(1, 1, {})), STATUS_NOT_FOUND);
    EXPECT_EQ(RegRefusal(BusAndDevice(1, 1, {1, 2, 3})), STATUS_CORRUPT);
    EXPECT_EQ(RegRefusal(BusAndDevice(3, 2, {1, 2, 3, 4, 5})), STATUS_UNSUPPORTED);
    EXPECT_EQ(RegRefusal(BusAndDevice(2, 3, {1, 2, 3, 4, 5})), STATUS_UNSUPPORTED);
    EXPECT_EQ(RegRefusal(BusAndDevice(0, 1, {1})), STATUS_UNSUPPORTED);
    EXPECT_EQ(RegRefusal(BusAndDevice(0, 0, {1})), STATUS_UNSUPPORTED);
    EXPECT_EQ(RegRefusal(BusAndDevice(2, 2, {0xffffffff, 0xfffff000, 0, 0x1001})), STATUS_CORRUPT) << "wraps";
    EXPECT_EQ(
        RegRefusal(RootWith([](Tree &t) { t.Node("bus", [](Tree &bus) { bus.Node("device", [](Tree &) {}); }); })),
        STATUS_NOT_FOUND);
    EXPECT_EQ(RegRefusal(RootWith([](Tree &t) {
                  t.Node("bus", [](Tree &bus) {
                      bus.Bytes("#address-cells", {0, 1});
                      bus.Node("device", [](Tree &device) { device.Put("reg", {1, 2}); });
                  });
              })),
              STATUS_CORRUPT);
    Tree root = RootWith([](Tree &t) { t.Put("reg", {1, 2, 3}); });
    struct fdt_region region;
    EXPECT_EQ(ReadRegion(root, "/", &region), STATUS_NOT_FOUND) << "the root has no parent";
}

// root (2/2) > outer (1/1) > inner (2/1) > device, with these ranges; null: no property.
Tree Nested(const std::vector<uint32_t> *outer_ranges, const std::vector<uint32_t> *inner_ranges) {
    return RootWith([&](Tree &t) {
        t.Put("#address-cells", {2});
        t.Put("#size-cells", {2});
        t.Node("outer", [&](Tree &outer) {
            outer.Put("#address-cells", {1});
            outer.Put("#size-cells", {1});
            if (outer_ranges != nullptr) {
                outer.Put("ranges", *outer_ranges);
            }
            outer.Node("inner", [&](Tree &inner) {
                inner.Put("#address-cells", {2});
                inner.Put("#size-cells", {1});
                if (inner_ranges != nullptr) {
                    inner.Put("ranges", *inner_ranges);
                }
                inner.Node("device", [](Tree &device) { device.Put("reg", {0, 0x100, 0x20}); });
            });
        });
    });
}

status_t Translate(const Tree &tree, const char *path, struct fdt_region region, struct fdt_region *out) {
    struct fdt_place place = Place(tree, path);
    return fdt_translate(tree.data(), &place, &region, out);
}

status_t Translate(const Tree &tree, struct fdt_region region, struct fdt_region *out) {
    return Translate(tree, "/outer/inner/device", region, out);
}

TEST(FdtRead, TranslatesThroughEachBus) {
    // inner: two ranges; outer: above 4 GiB.
    std::vector<uint32_t> outer = {0x1000, 0x8, 0x80000000, 0x1000}, inner = {1, 0, 0x50, 0x10, 0, 0x100, 0x1100, 0x40};
    Tree tree = Nested(&outer, &inner);
    struct fdt_region region = {};
    ASSERT_EQ(ReadRegion(tree, "/outer/inner/device", &region), STATUS_OK);
    EXPECT_EQ(region.address, UINT64_C(0x880000100));
    EXPECT_EQ(region.size, 0x20u);
    ASSERT_EQ(Translate(tree, {0x120, 0x20}, &region), STATUS_OK) << "up to the range's last byte";
    EXPECT_EQ(region.address, UINT64_C(0x880000120));
    ASSERT_EQ(Translate(tree, {0x13f, 0}, &region), STATUS_OK);
    EXPECT_EQ(region.address, UINT64_C(0x88000013f));
}

TEST(FdtRead, EmptyRangesAreTheIdentity) {
    std::vector<uint32_t> empty;
    Tree tree = Nested(&empty, &empty);
    struct fdt_region region = {};
    ASSERT_EQ(Translate(tree, {0x123456789, 7}, &region), STATUS_OK);
    EXPECT_EQ(region.address, 0x123456789u);
    EXPECT_EQ(region.size, 7u);
    ASSERT_EQ(Translate(tree, "/outer", {5, 6}, &region), STATUS_OK) << "already on the root bus";
    EXPECT_EQ(region.address, 5u);
}

TEST(FdtRead, TranslationRefusals) {
    std::vector<uint32_t> empty, outer = {0x1000, 0x8, 0x80000000, 0x1000}, inner = {0, 0x100, 0x1100, 0x40};
    struct fdt_region region = {7, 7};
    EXPECT_EQ(Translate(Nested(nullptr, &inner), {0x100, 1}, &region), STATUS_NOT_FOUND);
    EXPECT_EQ(Translate(Nested(&outer, nullptr), {0x1100, 1}, &region), STATUS_NOT_FOUND);
    Tree tree = Nested(&outer, &inner);
    EXPECT_EQ(Translate(tree, {0xff, 1}, &region), STATUS_NOT_FOUND);
    EXPECT_EQ(Translate(tree, {0x140, 0}, &region), STATUS_NOT_FOUND);
    EXPECT_EQ(Translate(tree, {0x120, 0x21}, &region), STATUS_NOT_FOUND) << "leaves the range at its end";
    EXPECT_EQ(Translate(tree, {0x120, UINT64_MAX}, &region), STATUS_NOT_FOUND);
    for (const std::vector<uint32_t> &odd : {std::vector<uint32_t>{1, 2, 3}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5, 6}}) {
        EXPECT_EQ(Translate(Nested(&odd, &empty), {0x1000, 1}, &region), STATUS_CORRUPT);
    }
    std::vector<uint32_t> wrapping = {0x1000, 0xffffffff, 0xfffffff0, 0x1000};
    Tree wrapped = Nested(&wrapping, &empty);
    EXPECT_EQ(Translate(wrapped, {0x100f, 2}, &region), STATUS_NOT_FOUND);
    EXPECT_EQ(Translate(wrapped, {0x1010, 1}, &region), STATUS_NOT_FOUND);
    EXPECT_EQ(Translate(tree, "/", {1, 1}, &region), STATUS_NOT_FOUND) << "the root is on no bus";
    EXPECT_EQ(ReadRegion(tree, "/outer", &region), STATUS_NOT_FOUND);
    EXPECT_EQ(region.address, 7u);
    EXPECT_EQ(Translate(wrapped, {0x100f, 1}, &region), STATUS_OK);
    EXPECT_EQ(region.address, UINT64_MAX);
}

TEST(FdtRead, TranslationRefusesUnknownCells) {
    auto tree_with = [](uint32_t outer_cells, uint32_t inner_cells) {
        return RootWith([&](Tree &t) {
            t.Node("outer", [&](Tree &outer) {
                outer.Put("#address-cells", {outer_cells});
                outer.Put("ranges", {});
                outer.Node("inner", [&](Tree &inner) {
                    inner.Put("#address-cells", {inner_cells});
                    inner.Put("ranges", {1, 2, 3, 4, 5, 6, 7});
                    inner.Node("device", [](Tree &) {});
                });
            });
        });
    };
    struct fdt_region region;
    EXPECT_EQ(Translate(tree_with(3, 2), {1, 1}, &region), STATUS_UNSUPPORTED);
    EXPECT_EQ(Translate(tree_with(2, 3), {1, 1}, &region), STATUS_UNSUPPORTED);
}

TEST(FdtRead, TranslationIsBoundedInDepth) {
    auto tower = [](int buses) {
        std::function<void(Tree &, int)> add = [&](Tree &t, int left) {
            t.Bytes("ranges", {});
            if (left > 0) {
                t.Node("b", [&](Tree &below) { add(below, left - 1); });
            }
        };
        return RootWith([&](Tree &t) { add(t, buses + 1); });
    };
    auto deepest = [](int buses) {
        std::string path;
        for (int index = 0; index <= buses; index++) {
            path += "/b";
        }
        return path;
    };
    struct fdt_region out;
    Tree fits = tower(FDT_READ_DEPTH_MAX), exceeds = tower(FDT_READ_DEPTH_MAX + 1);
    EXPECT_EQ(Translate(fits, deepest(FDT_READ_DEPTH_MAX).c_str(), {1, 1}, &out), STATUS_OK);
    EXPECT_EQ(Translate(exceeds, deepest(FDT_READ_DEPTH_MAX + 1).c_str(), {1, 1}, &out), STATUS_UNSUPPORTED);
}

TEST(FdtRead, AWalkKnowsTheBusesAbove) {
    Tree tree = RootWith([](Tree &t) {
        t.Node("a", [](Tree &a) { a.Node("b", [](Tree &b) { b.Node("c", [](Tree &) {}); }); });
        t.Node("d", [](Tree &d) { d.Node("e", [](Tree &) {}); });
    });
    const std::vector<std::vector<const char *>> expected = {
        {"/", "/a"}, {"/", "/a", "/a/b"}, {"/", "/a", "/a/b", "/a/b/c"}, {"/", "/d"}, {"/", "/d", "/d/e"}};
    struct fdt_place place = FDT_PLACE_ROOT;
    for (const auto &way : expected) {
        ASSERT_TRUE(fdt_place_next(tree.data(), &place));
        EXPECT_EQ(place.node, tree.At(way.back()));
        ASSERT_EQ(place.depth + 1u, way.size());
        for (size_t index = 0; index + 1 < way.size(); index++) {
            EXPECT_EQ(place.buses[index], tree.At(way[index])) << way.back();
        }
    }
    EXPECT_FALSE(fdt_place_next(tree.data(), &place));
    for (int node : {-1, 3, INT32_MAX}) {
        EXPECT_EQ(fdt_place_find(tree.data(), node, &place), STATUS_CORRUPT) << node;
    }
}

TEST(FdtRead, Availability) {
    using namespace std::string_literals;
    auto available = [](const std::string &status) {
        Tree tree = RootWith([&](Tree &t) { t.Text("status", status); });
        return fdt_is_available(tree.data(), 0);
    };
    EXPECT_TRUE(available("okay\0"s));
    EXPECT_TRUE(available("ok\0"s));
    EXPECT_FALSE(available("okay"s)) << "no terminator";
    EXPECT_FALSE(available(""s));
    EXPECT_FALSE(available("\0"s));
    EXPECT_FALSE(available("disabled\0"s));
    EXPECT_FALSE(available("fail\0"s));
    EXPECT_FALSE(available("okayish\0"s));
    Tree silent = RootWith([](Tree &) {});
    EXPECT_TRUE(fdt_is_available(silent.data(), 0));
}

TEST(FdtRead, Compatibility) {
    using namespace std::string_literals;
    const char *const list[] = {"ns16550a", "ns16550"};
    auto compatible = [&](const std::string &text) {
        Tree tree = RootWith([&](Tree &t) { t.Text("compatible", text); });
        return fdt_is_compatible(tree.data(), 0, list, std::size(list));
    };
    EXPECT_TRUE(compatible("ns16550a\0"s));
    EXPECT_TRUE(compatible("vendor,uart\0ns16550\0"s));
    EXPECT_FALSE(compatible("vendor,uart\0ns16550b\0"s));
    EXPECT_FALSE(compatible("ns16550"s)) << "no terminator";
    EXPECT_FALSE(compatible(""s));
    Tree silent = RootWith([](Tree &t) { t.Text("compatible", "ns16550a\0"s); });
    EXPECT_FALSE(fdt_is_compatible(silent.data(), 0, list, 0));
    EXPECT_FALSE(fdt_is_compatible(silent.data(), 3, list, 2));
}

// Calls everything on every node of a blob that may be damaged; the sanitizer is the judge.
void ReadEverything(const void *fdt) {
    const char *const names[] = {"#address-cells", "reg", "ranges", "compatible", "status"};
    const char *const list[] = {"ns16550a"};
    struct fdt_place place = FDT_PLACE_ROOT;
    do {
        int node = place.node;
        uint32_t u32;
        uint64_t u64;
        const char *text;
        struct fdt_region region;
        for (const char *name : names) {
            (void)fdt_read_u32(fdt, node, name, &u32);
            (void)fdt_read_u64(fdt, node, name, &u64);
            if (fdt_read_string_at(fdt, node, name, 1, &text) == STATUS_OK) {
                EXPECT_LT(std::strlen(text), 65536u);
            }
        }
        (void)fdt_read_region(fdt, &place, 0, &region);
        (void)fdt_read_region(fdt, &place, 1, &region);
        (void)fdt_is_available(fdt, node);
        (void)fdt_is_compatible(fdt, node, list, 1);
    } while (fdt_place_next(fdt, &place));
}

TEST(FdtRead, SurvivesDamage) {
    std::vector<uint32_t> outer = {0x1000, 0x8, 0x80000000, 0x1000}, inner = {0, 0x100, 0x1100, 0x40};
    Tree tree = Nested(&outer, &inner);
    std::mt19937 random(6);
    size_t readable = 0;
    for (int step = 0; step < 20000; step++) {
        std::vector<uint8_t> bytes = tree.blob();
        for (unsigned flips = 1 + random() % 4; flips > 0; flips--) {
            size_t at = sizeof(struct fdt_header) + random() % (bytes.size() - sizeof(struct fdt_header));
            bytes[at] = static_cast<uint8_t>(random() % 2 == 0 ? random() : random() % 8);
        }
        // Aligned as libfdt asks, and of the exact size.
        std::unique_ptr<uint64_t[]> copy(new uint64_t[(bytes.size() + 7) / 8]);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<uint8_t *>(copy.get()));
        if (fdt_check_header(copy.get()) == 0) {
            readable++;
            ReadEverything(copy.get());
        }
    }
    EXPECT_GT(readable, 0u);
}

} // namespace
