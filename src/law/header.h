/*
 * header · finds its way in a response's header block as it came over the wire
 * knows  · ground
 * never  · copies; looks only when asked
 * owns   · nothing
 * spec   · spec/c/law_test.c
 */
#ifndef AL_LAW_HEADER_H
#define AL_LAW_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/fault.h"

/* The next field of a block of "Name: value\r\n" lines; *at starts at 0. False: no more. */
bool al_header_next (const char *block, size_t n, size_t *at, const char **name, size_t *name_n, const char **value,
                     size_t *value_n);

/* The first field of that name, in any case; NULL: there is none. */
const char *al_header_find (const char *block, size_t n, const char *name, size_t *value_n);

/*
 * Retry-After (RFC 9110 section 10.2.3) in milliseconds: seconds, with a fraction or not, or a date. A date is compared
 * with the answer's own, or with wall_ms where it has none. -1: absent or unreadable.
 */
int64_t al_header_retry_after (const char *block, size_t n, int64_t wall_ms);

/* Keeps the WWW-Authenticate fields with what went wrong, as many as there is room for. */
void al_header_note_challenges (al_fault *fault, const char *block, size_t n);

/* Whether some WWW-Authenticate field has error="<error>" in it (RFC 6750 section 3). */
bool al_header_challenges (const char *block, size_t n, const char *error);

#endif
