/* A WWW-Authenticate field. */
#include "law/challenge.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  size_t size, at = 0, before = 0;
  const char *field = input_rest(&in, &size);
  al_challenge piece;
  while (al_challenge_next(field, size, &at, &piece)) {
    must(at > before && at <= size);
    if (piece.kind != AL_CHALLENGE_TOKEN68)
      must(piece.name >= field && piece.name_n > 0 && piece.name + piece.name_n <= field + size);
    if (piece.kind != AL_CHALLENGE_SCHEME) must(piece.value > field && piece.value + piece.value_n <= field + size);
    before = at;
  }
  must(at == size);
  input_over(&in);
  return 0;
}
