/*
 * scope · a scope as a set of words (RFC 6749 section 3.3): order and repeats mean nothing
 * knows · ground
 * never · takes one word for another, or thinks that one implies another
 * owns  · nothing
 * spec  · spec/c/scope_test.c
 */
#ifndef AL_LAW_SCOPE_H
#define AL_LAW_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "ground/buf.h"

/* Appends its words in order of their bytes, each once, with a space between. False: memory ran out. */
bool al_scope_sort (al_buf *out, const char *scope, size_t n);

/* Appends the words of both, as they stand, each once. False: memory ran out. */
bool al_scope_join (al_buf *out, const char *a, size_t a_n, const char *b, size_t b_n);

/* Whether each word of the second is in the first. */
bool al_scope_covers (const char *wide, size_t wide_n, const char *narrow, size_t narrow_n);

/* How many words there are; repeats count. */
size_t al_scope_words (const char *scope, size_t n);

#endif
