/*
 * fuzz  · the few words the fuzz targets are written in; one file a target, each reads what comes from outside
 * knows · the C library
 * never · is part of what is installed
 *
 * A target is LLVMFuzzerTestOneInput. `make fuzz` links each with libFuzzer; fuzz/replay.c runs all over the committed
 * corpus, with whichever compiler there is, as part of the specs (spec/guard/fuzz_spec.lua).
 */
#ifndef AL_FUZZ_FUZZ_H
#define AL_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n);

/* What must hold whatever the input is. */
#define must(what_) ((what_) ? (void)0 : must_fail(__FILE__, __LINE__, #what_))

static inline void must_fail (const char *file, int line, const char *what) {
  fprintf(stderr, "%s:%d: this doesn't hold: %s\n", file, line, what);
  abort();
}

/* The input, taken apart: a byte that decides something, a line, the rest. Parts are copied to their exact size, so
   that a sanitizer sees a read one beyond. */
typedef struct input {
  const uint8_t *p, *end;
  char *parts[8];
  int count;
} input;

static inline input input_of (const uint8_t *bytes, size_t n) {
  return (input){ .p = bytes, .end = bytes + n };
}

static inline unsigned input_byte (input *in) {
  return in->p < in->end ? *in->p++ : 0;
}

static inline char *input_part (input *in, size_t n) {
  char *copy = malloc(n > 0 ? n : 1);
  if (copy == NULL || in->count == 8) abort();
  if (n > 0) memcpy(copy, in->p, n);
  in->p += n;
  return in->parts[in->count++] = copy;
}

static inline char *input_rest (input *in, size_t *n) {
  *n = (size_t)(in->end - in->p);
  return input_part(in, *n);
}

/* Up to the next line break, which is dropped. */
static inline char *input_line (input *in, size_t *n) {
  const uint8_t *stop = in->p < in->end ? memchr(in->p, '\n', (size_t)(in->end - in->p)) : NULL;
  *n = (size_t)((stop != NULL ? stop : in->end) - in->p);
  char *part = input_part(in, *n);
  if (stop != NULL) in->p++;
  return part;
}

static inline void input_over (input *in) {
  for (int i = 0; i < in->count; i++) free(in->parts[i]);
  in->count = 0;
}

/* Text that goes into failures: ended, printable ASCII or UTF-8, no control characters. */
static inline bool printable (const char *text, size_t size) {
  if (memchr(text, '\0', size) == NULL) return false;
  for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
    if (*p < 0x20 || *p == 0x7F) return false;
    if (*p < 0x80) continue;
    int more = *p >= 0xF0 && *p < 0xF5 ? 3 : *p >= 0xE0 && *p < 0xF0 ? 2 : *p >= 0xC2 && *p < 0xE0 ? 1 : -1;
    if (more < 0) return false;
    for (; more > 0; more--)
      if ((*++p & 0xC0) != 0x80) return false;
  }
  return true;
}

#endif
