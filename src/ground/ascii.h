/*
 * ascii · case in the text of protocols, where a letter is one of 26 whatever the program's locale
 * knows · nothing
 * never · asks the C library, by whose rules 'I' isn't the capital of 'i' in Turkish
 * owns  · nothing
 * spec  · spec/c/ground_test.c, spec/client/locale_spec.lua
 */
#ifndef AL_GROUND_ASCII_H
#define AL_GROUND_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char al_ascii_lower (char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether they are the same, case aside. */
static inline bool al_ascii_same (const char *a, const char *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (al_ascii_lower(a[i]) != al_ascii_lower(b[i])) return false;
  return true;
}

/* … of which the second is a C string. */
static inline bool al_ascii_is (const char *text, size_t n, const char *word) {
  for (size_t i = 0; i < n; i++)
    if (word[i] == '\0' || al_ascii_lower(text[i]) != al_ascii_lower(word[i])) return false;
  return word[n] == '\0';
}

#endif
