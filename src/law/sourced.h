/*
 * sourced · a token that its source gave, in place of the token endpoint
 * knows   · renewal, reply
 * never   · does I/O; keeps a refresh token, which is the source's own
 * owns    · nothing
 * spec    · spec/session/token_source_spec.lua
 */
#ifndef AL_LAW_SOURCED_H
#define AL_LAW_SOURCED_H

#include "law/renewal.h"

/* The token, where it was asked for: a reply as of a token endpoint; or why there is none. */
void al_renewal_sourced (al_renewal *r, const char *text, size_t n, int64_t now);
void al_renewal_source_failed (al_renewal *r, al_outcome outcome, const char *why);

#endif
