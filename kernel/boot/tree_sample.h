/*
 * Device trees for tests: nodes and properties that a test can change in any way, and the blob that they make. MakeVirt
 * builds what QEMU's virt machine passes to its firmware, as far as the kernel looks at it.
 */
#pragma once

#include <libfdt.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace tree_sample {

using Bytes = std::vector<uint8_t>;

inline void AppendCell(Bytes &bytes, uint32_t cell) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<uint8_t>(cell >> shift));
    }
}

inline Bytes Cells(const std::vector<uint32_t> &cells) {
    Bytes bytes;
    for (uint32_t cell : cells) {
        AppendCell(bytes, cell);
    }
    return bytes;
}

/* Numbers of two cells each. */
inline Bytes Wide(const std::vector<uint64_t> &numbers) {
    Bytes bytes;
    for (uint64_t number : numbers) {
        AppendCell(bytes, static_cast<uint32_t>(number >> 32));
        AppendCell(bytes, static_cast<uint32_t>(number));
    }
    return bytes;
}

/* Strings, a NUL after each. */
inline Bytes Text(const std::vector<std::string> &strings) {
    Bytes bytes;
    for (const std::string &text : strings) {
        bytes.insert(bytes.end(), text.begin(), text.end());
        bytes.push_back(0);
    }
    return bytes;
}

struct Property {
    std::string name;
    Bytes value;
};

struct Node {
    std::string name;
    std::vector<Property> properties = {};
    std::vector<Node> children = {};

    Node &Set(const std::string &property, const Bytes &value) {
        for (Property &present : properties) {
            if (present.name == property) {
                present.value = value;
                return *this;
            }
        }
        properties.push_back({property, value});
        return *this;
    }

    Node &Remove(const std::string &property) {
        std::erase_if(properties, [&](const Property &present) { return present.name == property; });
        return *this;
    }

    Node &Add(const std::string &child) {
        children.push_back({child});
        return children.back();
    }

    /* The node at a path of names from here on, all of which there are. */
    Node &At(const std::string &path) {
        size_t slash = path.find('/');
        for (Node &child : children) {
            if (child.name == path.substr(0, slash)) {
                return slash == std::string::npos ? child : child.At(path.substr(slash + 1));
            }
        }
        return Add(path);
    }
};

struct Tree {
    Node root = {""};
    std::vector<std::pair<uint64_t, uint64_t>> reserved = {};

    /* The blob, exactly as large as it says that it is. */
    Bytes Write() const {
        Bytes blob(256 * 1024);
        fdt_create(blob.data(), static_cast<int>(blob.size()));
        for (const auto &[address, size] : reserved) {
            fdt_add_reservemap_entry(blob.data(), address, size);
        }
        fdt_finish_reservemap(blob.data());
        WriteNode(blob, root);
        fdt_finish(blob.data());
        blob.resize(fdt_totalsize(blob.data()));
        blob.shrink_to_fit();
        return blob;
    }

  private:
    static void WriteNode(Bytes &blob, const Node &node) {
        fdt_begin_node(blob.data(), node.name.c_str());
        for (const Property &property : node.properties) {
            const void *value = property.value.empty() ? "" : static_cast<const void *>(property.value.data());
            fdt_property(blob.data(), property.name.c_str(), value, static_cast<int>(property.value.size()));
        }
        for (const Node &child : node.children) {
            WriteNode(blob, child);
        }
        fdt_end_node(blob.data());
    }
};

struct Virt {
    uint32_t harts = 4;
    uint32_t sockets = 1;
    bool is_aclint = false;
    uint64_t ram_base = 0x80000000;
    uint64_t ram_size = 64 << 20;
    std::string isa = "rv64imafdc_zicsr_zifencei_zihintpause_zba_zbb_zbc_zbs_sstc";
};

namespace detail {

inline uint32_t IntcOf(uint32_t hart) {
    return 100 + hart;
}

inline uint32_t PlicOf(uint32_t socket) {
    return 10 + socket;
}

/* Pairs {interrupt controller of a hart, interrupt} for the harts of a socket. */
inline Bytes Pairs(const Virt &virt, uint32_t socket, const std::vector<uint32_t> &interrupts) {
    Bytes bytes;
    uint32_t per_socket = virt.harts / virt.sockets;
    for (uint32_t hart = socket * per_socket; hart < (socket + 1) * per_socket; hart++) {
        for (uint32_t interrupt : interrupts) {
            AppendCell(bytes, IntcOf(hart));
            AppendCell(bytes, interrupt);
        }
    }
    return bytes;
}

inline std::string At(const std::string &name, uint64_t address) {
    char text[64];
    std::snprintf(text, sizeof text, "%s@%llx", name.c_str(), static_cast<unsigned long long>(address));
    return text;
}

inline void AddSocket(Node &soc, const Virt &virt, uint32_t socket) {
    uint64_t clint = 0x2000000 + uint64_t{socket} * 0x10000;
    uint64_t plic = 0xc000000 + uint64_t{socket} * 0x600000;
    if (virt.is_aclint) {
        soc.Add(At("mswi", clint))
            .Set("compatible", Text({"riscv,aclint-mswi"}))
            .Set("reg", Wide({clint, 0x4000}))
            .Set("interrupts-extended", Pairs(virt, socket, {3}));
        soc.Add(At("mtimer", clint + 0x4000))
            .Set("compatible", Text({"riscv,aclint-mtimer"}))
            .Set("reg", Wide({clint + 0xbff8, 0x4008, clint + 0x4000, 0x7ff8}))
            .Set("interrupts-extended", Pairs(virt, socket, {7}));
    } else {
        soc.Add(At("clint", clint))
            .Set("compatible", Text({"sifive,clint0", "riscv,clint0"}))
            .Set("reg", Wide({clint, 0x10000}))
            .Set("interrupts-extended", Pairs(virt, socket, {3, 7}));
    }
    soc.Add(At("plic", plic))
        .Set("phandle", Cells({PlicOf(socket)}))
        .Set("riscv,ndev", Cells({0x60}))
        .Set("compatible", Text({"sifive,plic-1.0.0", "riscv,plic0"}))
        .Set("reg", Wide({plic, 0x600000}))
        .Set("interrupts-extended", Pairs(virt, socket, {11, 9}))
        .Set("interrupt-controller", {})
        .Set("#interrupt-cells", Cells({1}));
}

inline void AddCpu(Node &cpus, const Virt &virt, uint32_t hart) {
    Node &cpu = cpus.Add(At("cpu", hart));
    cpu.Set("device_type", Text({"cpu"}))
        .Set("reg", Cells({hart}))
        .Set("status", Text({"okay"}))
        .Set("compatible", Text({"riscv"}))
        .Set("riscv,isa", Text({virt.isa}))
        .Set("mmu-type", Text({"riscv,sv48"}));
    cpu.Add("interrupt-controller")
        .Set("#interrupt-cells", Cells({1}))
        .Set("interrupt-controller", {})
        .Set("compatible", Text({"riscv,cpu-intc"}))
        .Set("phandle", Cells({IntcOf(hart)}));
}

} // namespace detail

/* With more than one socket, harts and RAM are shared out between them, each with its own CLINT and PLIC. */
inline Tree MakeVirt(const Virt &virt) {
    Tree tree;
    tree.root.Set("#address-cells", Cells({2}))
        .Set("#size-cells", Cells({2}))
        .Set("compatible", Text({"riscv-virtio"}));
    tree.root.Add("chosen").Set("rng-seed", Bytes(32, 0x5e)).Set("stdout-path", Text({"/soc/serial@10000000"}));
    tree.root.Add("poweroff")
        .Set("compatible", Text({"syscon-poweroff"}))
        .Set("value", Cells({0x5555}))
        .Set("offset", Cells({0}))
        .Set("regmap", Cells({6}));
    uint64_t share = virt.ram_size / virt.sockets;
    for (uint32_t socket = 0; socket < virt.sockets; socket++) {
        uint64_t base = virt.ram_base + socket * share;
        tree.root.Add(detail::At("memory", base)).Set("device_type", Text({"memory"})).Set("reg", Wide({base, share}));
    }
    Node &cpus = tree.root.Add("cpus");
    cpus.Set("#address-cells", Cells({1})).Set("#size-cells", Cells({0})).Set("timebase-frequency", Cells({10000000}));
    for (uint32_t hart = 0; hart < virt.harts; hart++) {
        detail::AddCpu(cpus, virt, hart);
    }
    Node &soc = tree.root.Add("soc");
    soc.Set("#address-cells", Cells({2}))
        .Set("#size-cells", Cells({2}))
        .Set("compatible", Text({"simple-bus"}))
        .Set("ranges", {});
    soc.Add("serial@10000000")
        .Set("compatible", Text({"ns16550a"}))
        .Set("reg", Wide({0x10000000, 0x100}))
        .Set("clock-frequency", Cells({3686400}))
        .Set("interrupts", Cells({10}))
        .Set("interrupt-parent", Cells({detail::PlicOf(0)}));
    soc.Add("test@100000")
        .Set("compatible", Text({"sifive,test1", "sifive,test0", "syscon"}))
        .Set("reg", Wide({0x100000, 0x1000}))
        .Set("phandle", Cells({6}));
    for (uint32_t socket = 0; socket < virt.sockets; socket++) {
        detail::AddSocket(soc, virt, socket);
    }
    return tree;
}

} // namespace tree_sample
