/* The main program of all system tests: GoogleTest's options first, then the rule's. */
#include "tests/system/arguments.h"

#include <gtest/gtest.h>

#include <signal.h>

#include <cstdio>

namespace {

TestArguments arguments;

bool take(const std::string &word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (name == "--machine") {
        arguments.machine = value;
    } else if (name == "--xlen") {
        arguments.xlen = std::stoi(value);
    } else if (name == "--file") {
        arguments.files.push_back(value);
    } else if (name == "--guest") {
        arguments.guests.push_back(value);
    } else {
        return false;
    }
    return true;
}

} // namespace

const TestArguments &test_arguments() {
    return arguments;
}

int main(int argc, char **argv) {
    testing::InitGoogleTest(&argc, argv);
    signal(SIGPIPE, SIG_IGN); /* a machine that has ended takes no keys: type() says so */
    for (int index = 1; index < argc; index++) {
        if (!take(argv[index])) {
            fprintf(stderr, "%s: there is no such option\n", argv[index]);
            return 2;
        }
    }
    return RUN_ALL_TESTS();
}
