/*
 * For tests: a folder of their own that goes with them, and files in it.
 */
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <stdlib.h>

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "packer.XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }

    ~TemporaryFolder() {
        std::filesystem::remove_all(path_);
    }

    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    std::string path(const std::string &name = "") const {
        return name.empty() ? path_.string() : (path_ / name).string();
    }

    std::string write(const std::string &name, const std::string &content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << content;
        return path(name);
    }

    std::string read(const std::string &name) const {
        std::ifstream file(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    size_t count_files() const {
        using Iterator = std::filesystem::directory_iterator;
        return static_cast<size_t>(std::distance(Iterator(path_), Iterator()));
    }

  private:
    std::filesystem::path path_;
};
