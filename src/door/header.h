/*
 * header · what header fields of an answer say, for Lua
 * knows  · Lua, law/header
 * never  · makes more than one pass over what a server wrote
 * owns   · nothing
 * spec   · spec/session/retry_spec.lua
 */
#ifndef AL_DOOR_HEADER_H
#define AL_DOOR_HEADER_H

#include "door/compat.h"

/* core.retry_after, see header.c */
int al_l_retry_after (lua_State *L);

#endif
