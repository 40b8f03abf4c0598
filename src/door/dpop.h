/*
 * dpop  · reads from a configuration whether and how tokens are bound to a key (RFC 9449)
 * knows · Lua, options, client
 * never · makes Lua text of a key
 * owns  · nothing: the client does
 * spec  · spec/client/dpop_spec.lua
 */
#ifndef AL_DOOR_DPOP_H
#define AL_DOOR_DPOP_H

#include "door/options.h"
#include "law/client.h"

/* Option `dpop`: true, or a table. Raises for what can't work. */
void al_dpop_configure (al_client *c, al_options *o);

/* The algorithm of its proofs, for its settings; NULL: it makes none. */
const char *al_dpop_alg (const al_client *c);

#endif
