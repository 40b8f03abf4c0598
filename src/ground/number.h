/*
 * number · decimal text of numbers, whatever the program's locale: the shortest that reads back the same
 * knows  · the C library
 * never  · asks the locale; keeps state
 * owns   · nothing
 * spec   · spec/c/number_test.c
 */
#ifndef AL_GROUND_NUMBER_H
#define AL_GROUND_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AL_NUMBER_CHARS = 32 }; /* enough for any of them */

/* Writes it, without a NUL; gives how many characters. */
size_t al_number_integer (char out[AL_NUMBER_CHARS], int64_t value);

/*
 * The same for a finite float: the fewest digits that read back the same, laid out as ECMAScript does (a whole number
 * below 1e21 without an exponent).
 */
size_t al_number_float (char out[AL_NUMBER_CHARS], double value);

/* A decimal: digits, times ten to the power. `text` begins with a digit; a point is left out, and digits past `n` are.
 */
typedef struct al_decimal {
  uint64_t digits; /* the first 19 at most */
  int power;
  bool exact;             /* these are all of its digits */
  const char *text, *end; /* digits and perhaps a point: all of it, for whoever needs more than 19 */
  int text_power;         /* of the exponent that was written */
} al_decimal;

/* The nearest float; infinite where it is too large. */
double al_number_read (const al_decimal *d);

#endif
