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
 * below 1e21 without an exponent). `integers`: a reader may take a number without point and exponent for a 64-bit
 * integer, so it is given an exponent where that integer would be another number.
 */
size_t al_number_float (char out[AL_NUMBER_CHARS], double value, bool integers);

/* A decimal: digits, times ten to the power. */
typedef struct al_decimal {
  uint64_t digits; /* the first 19 at most */
  int64_t power;
  bool exact;             /* these are all of its digits */
  const char *text, *end; /* as it is written, without sign and exponent: all of its digits, and perhaps a point */
  int64_t text_power;     /* the exponent as it is written */
} al_decimal;

/* The nearest float; infinite where it is too large. */
double al_number_read (const al_decimal *d);

#endif
