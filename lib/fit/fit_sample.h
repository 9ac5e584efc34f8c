/*
 * FIT images for tests: a description of one, with everything in it free to be wrong, and the bytes that it makes.
 */
#pragma once

#include <libfdt.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

extern "C" {
#include "lib/fit/fit_hash.h"
}

namespace fit_sample {

using Bytes = std::vector<uint8_t>;

struct Hash {
    std::string algo = "crc32";
    std::optional<Bytes> value = {}; /* the right one, where not given */
    std::string node_name = "hash-1";
    bool has_algo = true;
    bool has_value = true;
};

struct Image {
    std::string name = {};
    std::string data = "data";
    std::vector<Hash> hashes = {Hash{}};
    std::optional<std::string> type = "kernel";
    std::optional<std::string> compression = "none";
    std::optional<uint32_t> offset = {}; /* where the data lies, where not given */
    std::optional<uint32_t> position = {};
    std::optional<uint32_t> size = {}; /* that of the data, where not given */
    bool has_offset = true;
    bool has_size = true;
    bool is_inline = false;
};

struct Fit {
    std::vector<Image> images = {};
    std::string images_node = "images";
    std::optional<std::string> default_configuration = "conf-1";
    std::string configuration = "conf-1";
    std::optional<std::string> fdt = "guests";
    std::vector<std::string> loadables = {};
};

/* A description of one guest's FIT that is right; `description` is the data of the image "guests". */
inline Fit make_fit(const std::string &description = "description") {
    Fit fit;
    fit.images.push_back({.name = "guests", .data = description, .type = "flat_dt"});
    fit.images.push_back({.name = "kernel-1", .data = std::string(5000, 'k')});
    fit.images.push_back({.name = "ramdisk-1", .data = std::string(300, 'r'), .type = "ramdisk"});
    fit.loadables = {"kernel-1", "ramdisk-1"};
    return fit;
}

inline Bytes make_digest(fit_hash_kind kind, const std::string &data) {
    struct fit_hash hash;
    Bytes digest(FIT_HASH_SIZE_MAX);
    fit_hash_start(&hash, kind);
    fit_hash_update(&hash, data.data(), data.size());
    fit_hash_finish(&hash, digest.data());
    digest.resize(fit_hash_size(kind));
    return digest;
}

constexpr size_t page_size = 4096;

inline size_t round_to_page(size_t size) {
    return (size + page_size - 1) / page_size * page_size;
}

class Writer {
  public:
    explicit Writer(const Fit &fit) : fit_(fit), tree_(tree_size_max) {
    }

    Bytes write() {
        write_tree();
        size_t tree_size = round_to_page(fdt_totalsize(tree_.data()));
        fdt_set_totalsize(tree_.data(), static_cast<uint32_t>(tree_size));
        Bytes bytes(tree_.begin(), tree_.begin() + static_cast<std::ptrdiff_t>(tree_size));
        for (const Image &image : fit_.images) {
            bytes.insert(bytes.end(), image.data.begin(), image.data.end());
            bytes.resize(round_to_page(bytes.size()));
        }
        bytes.shrink_to_fit();
        return bytes;
    }

  private:
    static constexpr size_t tree_size_max = 1024 * 1024;

    void put_string(const char *name, const std::string &value) {
        fdt_property(tree_.data(), name, value.c_str(), static_cast<int>(value.size() + 1));
    }

    void put_optional(const char *name, const std::optional<std::string> &value) {
        if (value) {
            put_string(name, *value);
        }
    }

    void put_hash(const Image &image, const Hash &hash) {
        enum fit_hash_kind kind = FIT_HASH_CRC32;
        (void)fit_hash_kind_find(hash.algo.c_str(), &kind);
        Bytes value = hash.value.value_or(make_digest(kind, image.data));
        fdt_begin_node(tree_.data(), hash.node_name.c_str());
        if (hash.has_value) {
            fdt_property(tree_.data(), "value", value.data(), static_cast<int>(value.size()));
        }
        if (hash.has_algo) {
            put_string("algo", hash.algo);
        }
        fdt_end_node(tree_.data());
    }

    void put_place(const Image &image, uint32_t offset) {
        if (image.is_inline) {
            fdt_property(tree_.data(), "data", image.data.data(), static_cast<int>(image.data.size()));
        }
        if (image.position) {
            fdt_property_u32(tree_.data(), "data-position", *image.position);
        } else if (image.has_offset) {
            fdt_property_u32(tree_.data(), "data-offset", image.offset.value_or(offset));
        }
        if (image.has_size) {
            fdt_property_u32(tree_.data(), "data-size", image.size.value_or(static_cast<uint32_t>(image.data.size())));
        }
    }

    void put_image(const Image &image, uint32_t offset) {
        fdt_begin_node(tree_.data(), image.name.c_str());
        put_optional("type", image.type);
        put_optional("compression", image.compression);
        put_place(image, offset);
        for (const Hash &hash : image.hashes) {
            put_hash(image, hash);
        }
        fdt_end_node(tree_.data());
    }

    void put_images() {
        size_t offset = 0;
        fdt_begin_node(tree_.data(), fit_.images_node.c_str());
        for (const Image &image : fit_.images) {
            put_image(image, static_cast<uint32_t>(offset));
            offset += round_to_page(image.data.size());
        }
        fdt_end_node(tree_.data());
    }

    void put_configuration() {
        std::string loadables;
        for (const std::string &name : fit_.loadables) {
            loadables += name + '\0';
        }
        fdt_begin_node(tree_.data(), "configurations");
        put_optional("default", fit_.default_configuration);
        fdt_begin_node(tree_.data(), fit_.configuration.c_str());
        put_optional("fdt", fit_.fdt);
        if (!loadables.empty()) {
            fdt_property(tree_.data(), "loadables", loadables.data(), static_cast<int>(loadables.size()));
        }
        fdt_end_node(tree_.data());
        fdt_end_node(tree_.data());
    }

    void write_tree() {
        fdt_create(tree_.data(), static_cast<int>(tree_.size()));
        fdt_finish_reservemap(tree_.data());
        fdt_begin_node(tree_.data(), "");
        put_images();
        put_configuration();
        fdt_end_node(tree_.data());
        fdt_finish(tree_.data());
    }

    const Fit &fit_;
    Bytes tree_;
};

inline Bytes write(const Fit &fit) {
    return Writer(fit).write();
}

} // namespace fit_sample
