#!/usr/bin/env bash
# What a machine can see of the rules in CONTRIBUTING.md: ./bazelw run //tools:lint [-- --fix]
# --fix formats in place; without it, files that clang-format would change are only named.
set -euo pipefail

: "${BUILD_WORKSPACE_DIRECTORY:?run this with: ./bazelw run //tools:lint}"
format=$PWD/../llvm/bin/clang-format
[[ -e $format ]] || format=$PWD/external/llvm/bin/clang-format
cd "$BUILD_WORKSPACE_DIRECTORY"
failures=0

complain() {
    printf '%s\n' "$1"
    failures=$((failures + 1))
}

mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.c' '*.h' '*.cc')
if [[ ${1-} == --fix ]]; then
    "$format" -i "${sources[@]}"
fi
while IFS= read -r line; do
    complain "$line is not formatted (./bazelw run //tools:lint -- --fix)"
done < <("$format" --dry-run "${sources[@]}" 2>&1 | sed -nE 's/^([^:]+):.*Wclang-format-violations.*/\1/p' | sort -u)

# One architecture folder knows the register width; portable code has rows of tables.
while IFS= read -r line; do
    complain "$line: condition on the architecture outside arch/"
done < <(grep -nE '__riscv_xlen|^#if' -- $(printf '%s\n' "${sources[@]}" | grep -E '^(abi|lib|kernel|supervisor)/' | grep -v '/arch/riscv/') | cut -d: -f1,2)

for file in "${sources[@]}"; do
    [[ $file != *.h ]] || grep -q '^#pragma once' "$file" || complain "$file: no #pragma once"
    [[ $file == *_test.cc || $(head -c 2 "$file") == /[*/] ]] || complain "$file: does not open with a comment"
done

if ((failures > 0)); then
    echo "$failures to mend"
    exit 1
fi
echo "nothing to mend in ${#sources[@]} files"
