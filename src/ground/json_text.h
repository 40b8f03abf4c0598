/*
 * json_text · JSON as it is written (RFC 8259): where strings end, their escapes, numbers, how large tables will be
 * knows     · number
 * never     · makes a value; reads behind `end`, where a NUL must stand; looks twice at what it has passed
 * owns      · nothing
 * spec      · spec/c/json_text_test.c
 */
#ifndef AL_GROUND_JSON_TEXT_H
#define AL_GROUND_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ground/number.h"

/* What a byte is to whoever looks for the end of a string, or passes over blanks. */
enum { AL_JSON_PLAIN, AL_JSON_STOPS = 1, AL_JSON_BLANK = 2, AL_JSON_STRUCTURE = 4, AL_JSON_WIDE = 8 };
extern const unsigned char al_json_kinds[256];

static inline bool al_json_is (char c, int kind) {
  return (al_json_kinds[(unsigned char)c] & kind) != 0;
}

/* Bits of those of eight bytes that are control characters, quotes or backslashes; a byte behind one may be, too. */
static inline uint64_t al_json_stops8 (const char *p) {
  const uint64_t ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
  uint64_t x, quote, slash;
  memcpy(&x, p, 8);
  quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
  return (((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high;
}

/* Passes over the bytes of a string that need no look, eight at once where there are as many. */
static inline const char *al_json_plain (const char *p, const char *end) {
  while (end - p >= 8 && al_json_stops8(p) == 0) p += 8;
  while (!al_json_is(*p, AL_JSON_STOPS)) p++;
  return p;
}

/* The place behind the string whose inside `p` is in; `end`: there is none. */
const char *al_json_behind_string (const char *p, const char *end);

/*
 * Writes what the escape means whose backslash *p is behind, and passes both on; at most as long as it is written.
 * Gives NULL, or the end of a sentence that says what is wrong.
 */
const char *al_json_unescape (const char **p, char **out);

/* Takes the number at *p, its sign passed already. `whole`: it has neither point nor exponent. Gives the same. */
const char *al_json_take_number (const char **p, al_decimal *d, bool *whole);

static inline bool al_json_plain8 (uint64_t x) {
  const uint64_t ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
  uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
  return (((x - ones * 0x20) | (quote - ones) | (slash - ones) | x) & high) == 0;
}

static inline uint64_t al_json_load8 (const char *p) {
  uint64_t x;
  memcpy(&x, p, 8);
  return x;
}

/* Whether none of a text's bytes needs an escape, or is part of a wide character. The last are looked at together with
 * some before them. */
static inline bool al_json_all_plain (const char *text, size_t n) {
  if (n >= 8) {
    for (size_t i = 0; i + 8 < n; i += 8)
      if (!al_json_plain8(al_json_load8(text + i))) return false;
    return al_json_plain8(al_json_load8(text + n - 8));
  }
  if (n >= 4) {
    uint32_t first, last;
    memcpy(&first, text, 4);
    memcpy(&last, text + n - 4, 4);
    return al_json_plain8((uint64_t)first << 32 | last);
  }
  for (size_t i = 0; i < n; i++)
    if (al_json_is(text[i], AL_JSON_STOPS | AL_JSON_WIDE)) return false;
  return true;
}

/* Writes a text's bytes up to `stop` into room for six times as many and four more, and passes *from on. NULL: no
 * UTF-8.
 */
char *al_json_escape (char *to, const char **from, const char *stop, const char *end);

/*
 * Looks ahead in a text, so that each list and object can be made as large as it will be: the elements of the next few
 * hundred are counted.
 */
enum { AL_JSON_LOOK = 256 };
typedef struct al_json_ahead {
  const char *at, *end;
  int looked, used;
  unsigned hints[AL_JSON_LOOK];
} al_json_ahead;

/* How many elements the next list or object has, as they stand in the text; 0 where that isn't known. */
unsigned al_json_hint (al_json_ahead *a);

#endif
