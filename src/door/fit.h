/*
 * fit   · whether a URL will do as an endpoint, and whether a server may name it
 * knows · Lua, url
 * never · asks anybody
 * owns  · nothing
 * spec  · spec/ssrf_spec.lua
 */
#ifndef AL_DOOR_FIT_H
#define AL_DOOR_FIT_H

#include "door/compat.h"

/* What keeps the text from being an endpoint, as the end of a sentence; NULL: it will do. */
const char *al_unfit (const char *text, size_t n);

int al_l_unfit (lua_State *L);
int al_l_same_origin (lua_State *L);

#endif
