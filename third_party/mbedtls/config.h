/* The part of Mbed TLS that Diosix uses: SHA-256, without the self tests and their stdio. */
#pragma once

#define MBEDTLS_SHA256_C
