/*
 * link  · finds its way in a Link field (RFC 8288 section 3)
 * knows · ground
 * never · copies; looks at a byte more than twice
 * owns  · nothing
 * spec  · spec/guard/passes_spec.lua
 */
#ifndef AL_LAW_LINK_H
#define AL_LAW_LINK_H

#include <stddef.h>

/* The target of the first link that has this relation, in any case; NULL: there is none. */
const char *al_link_find (const char *field, size_t n, const char *relation, size_t relation_n, size_t *target_n);

#endif
