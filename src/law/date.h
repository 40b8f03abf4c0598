/*
 * date  · the dates of HTTP (RFC 9110 section 5.6.7) in the three forms that a recipient has to read
 * knows · ground
 * never · reads a clock, or asks the C library, whose months are those of the program's locale
 * owns  · nothing
 * spec  · spec/c/law_test.c
 */
#ifndef AL_LAW_DATE_H
#define AL_LAW_DATE_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970; -1: it isn't one. A year of two digits is the one that is at most 50 years after `near_ms`.
 */
int64_t al_date_read (const char *text, size_t n, int64_t near_ms);

#endif
