/*
 * A terminal for tests: rows of text and a cursor, and the strictest reading of what the tagged view may send to it:
 * printable ASCII, CR LF, backspace, CR, and SGR colours. Anything else, a wrap at the last column, or a backspace
 * past the first is a violation.
 */
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

class TerminalModel {
  public:
    explicit TerminalModel(unsigned columns) : columns_(columns) {
    }

    void Put(const std::string &bytes) {
        for (char byte : bytes) {
            PutByte(byte);
        }
    }

    void PutByte(char byte) {
        if (in_escape_) {
            PutEscape(byte);
        } else if (byte == '\x1b') {
            in_escape_ = true;
            escape_.clear();
        } else if (byte == '\r') {
            column_ = 0;
        } else if (byte == '\n') {
            if (column_ != 0) {
                violations_.push_back("LF without CR");
            }
            rows_.emplace_back();
        } else if (byte == '\b') {
            if (column_ == 0) {
                violations_.push_back("backspace at the first column");
            } else {
                column_--;
            }
            leftmost_by_backspace_ = std::min(leftmost_by_backspace_, column_);
        } else if (byte >= 0x20 && byte < 0x7f) {
            PutCharacter(byte);
        } else {
            violations_.push_back("control character " + std::to_string(static_cast<unsigned char>(byte)));
        }
    }

    /* All rows; the last one is where the cursor is. Trailing blanks do not show and are cut. */
    std::vector<std::string> Rows() const {
        std::vector<std::string> rows;
        for (const std::string &row : rows_) {
            rows.push_back(row.substr(0, row.find_last_not_of(' ') + 1));
        }
        return rows;
    }

    unsigned Column() const {
        return column_;
    }

    /* How far left a backspace has ever moved the cursor. */
    unsigned LeftmostByBackspace() const {
        return leftmost_by_backspace_;
    }

    const std::vector<std::string> &Violations() const {
        return violations_;
    }

  private:
    void PutCharacter(char character) {
        std::string &row = rows_.back();
        if (columns_ != 0 && column_ + 1 >= columns_) {
            violations_.push_back("character in the last column");
        }
        if (row.size() <= column_) {
            row.resize(column_ + 1, ' ');
        }
        row[column_++] = character;
    }

    void PutEscape(char byte) {
        escape_ += byte;
        if (escape_ == "[" || isdigit(static_cast<unsigned char>(byte))) {
            return;
        }
        if (byte != 'm' || escape_.size() > 4) {
            violations_.push_back("escape sequence " + escape_);
        }
        in_escape_ = false;
    }

    unsigned columns_;
    unsigned column_ = 0;
    unsigned leftmost_by_backspace_ = ~0u;
    bool in_escape_ = false;
    std::string escape_;
    std::vector<std::string> rows_ = {""};
    std::vector<std::string> violations_;
};
