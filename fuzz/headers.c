/* A response's header block. */
#include "fuzz.h"
#include "ground/limits.h"
#include "law/header.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  static const char *const wanted[] = { "Retry-After", "WWW-Authenticate", "Content-Type",
                                        "Location",    "DPoP-Nonce",       "Link" };
  input in = input_of(bytes, n);
  size_t size;
  const char *block = input_rest(&in, &size), *name, *value;
  size_t at = 0, before = 0, name_n, value_n;
  while (al_header_next(block, size, &at, &name, &name_n, &value, &value_n)) {
    must(at > before && at <= size);
    must(name >= block && name_n > 0 && value >= name + name_n && value + value_n <= block + size);
    must(memchr(name, '\n', name_n) == NULL && memchr(value, '\n', value_n) == NULL &&
         memchr(name, ':', name_n) == NULL);
    before = at;
  }
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    value = al_header_find(block, size, wanted[i], &value_n);
    must(value == NULL || (value > block && value + value_n <= block + size));
  }
  for (int64_t wall = 0; wall < 4000000000000; wall += 1999999999999) {
    int64_t after = al_header_retry_after(block, size, wall);
    must(after >= -1 && after <= AL_MAX_LIFETIME_S * 1000);
  }
  al_header_challenges(block, size, "insufficient_scope");
  al_header_challenges(block, size, "use_dpop_nonce");
  input_over(&in);
  return 0;
}
