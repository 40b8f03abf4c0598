/*
 * test · the few words the C tests are written in
 *
 *   it("buf: an empty one reads as \"\"") { check(...); }      one line of output: "ok buf: …" or "not ok buf: …
 * (file:line)" int main (void) { …; return test_over(); }               the plan, and an exit code that says whether
 * all was well
 */
#ifndef AL_SPEC_TEST_H
#define AL_SPEC_TEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/buf.h"

static struct al_test {
  char sentence[400];
  const char *file, *what; /* of the first check that went wrong */
  int line, count, failed;
  bool open;
} test;

__attribute__((format(printf, 1, 2))) static inline void test_begin (const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(test.sentence, sizeof test.sentence, format, args);
  va_end(args);
  for (char *p = test.sentence; *p != '\0'; p++)
    if ((unsigned char)*p < 0x20) *p = '.';
  test.what = NULL;
  test.open = true;
}

static inline void test_wrong (const char *file, int line, const char *what) {
  if (test.what != NULL) return;
  test.file = file;
  test.line = line;
  test.what = what;
}

static inline void test_end (void) {
  test.open = false;
  test.count++;
  if (test.what == NULL) printf("ok %s\n", test.sentence);
  else {
    test.failed++;
    printf("not ok %s (%s:%d)\n# expected: %s\n", test.sentence, test.file, test.line, test.what);
  }
  fflush(stdout); /* what was said before a crash is heard */
}

static inline int test_over (void) {
  printf("1..%d\n", test.count);
  return test.failed > 0 ? 1 : 0;
}

#define it(...) for (test_begin(__VA_ARGS__); test.open; test_end())
#define check(what_) ((what_) ? (void)0 : test_wrong(__FILE__, __LINE__, #what_))

/* Whether these are exactly the bytes of text. */
static inline bool is (const char *bytes, size_t n, const char *text) {
  return n == strlen(text) && (n == 0 || memcmp(bytes, text, n) == 0);
}

static inline bool holds (const al_buf *b, const char *text) {
  return !b->broken && is(b->bytes, b->n, text);
}

/* A copy with nothing behind it, so that a sanitizer hears every step too far. */
static inline char *exact (const char *text, size_t n) {
  char *copy = malloc(n > 0 ? n : 1);
  if (copy == NULL) abort();
  if (n > 0) memcpy(copy, text, n);
  return copy;
}

#endif
