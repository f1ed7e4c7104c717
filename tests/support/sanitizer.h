#pragma once

/// Defined where the address sanitizer is at work: it catches signals and counts memory itself.
#if defined(__SANITIZE_ADDRESS__)
#define HANDGRAD_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HANDGRAD_ADDRESS_SANITIZER 1
#endif
#endif
