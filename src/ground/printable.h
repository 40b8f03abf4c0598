/*
 * printable · which characters of a text from outside may be shown: UTF-8, and what steers a terminal or an eye
 * knows     · nothing
 * never     · allocates; looks at a byte more than once
 * owns      · nothing
 * spec      · spec/c/ground_test.c
 */
#ifndef AL_GROUND_PRINTABLE_H
#define AL_GROUND_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes the well-formed UTF-8 character at p takes (RFC 3629: no overlong ones, no surrogates); 0: none
 * there. */
size_t al_utf8 (const unsigned char *p, size_t n);

/* The code point of such a character. */
uint32_t al_code_point (const unsigned char *p, size_t size);

/* Whether a code point is better not shown: a control character (C0, DEL, C1), one that turns the direction of the
 * text, separates lines, or has no width, so that nobody sees it. */
bool al_hidden (uint32_t c);

#endif
