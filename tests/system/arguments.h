/* What the rule system_test tells its program: --machine=PATH, --xlen=N, --file=PATH and --guest=NAME, the latter two
 * as often as needed. */
#pragma once

#include <string>
#include <vector>

struct TestArguments {
    std::string machine;
    int xlen = 0;
    std::vector<std::string> files;
    std::vector<std::string> guests;
};

const TestArguments &test_arguments();
