/*
 * Where start.S goes on, at the addresses that the image was linked for.
 */
#pragma once

/* The boot protocol's a0 and a1, and where the image lies in RAM. Physical addresses. */
[[noreturn]] void supervisor_main(unsigned long hart, unsigned long device_tree, unsigned long image);
