/*
 * header · what header fields and forms of an answer say, for Lua
 * knows  · Lua, law/header, law/link, encode
 * never  · makes more than one pass over what a server wrote
 * owns   · nothing
 * spec   · spec/session/retry_spec.lua, spec/guard/passes_spec.lua
 */
#ifndef AL_DOOR_HEADER_H
#define AL_DOOR_HEADER_H

#include "door/compat.h"

/* core.form, core.headers, core.link, core.retry_after, see header.c */
int al_l_form (lua_State *L);
int al_l_headers (lua_State *L);
int al_l_link (lua_State *L);
int al_l_retry_after (lua_State *L);

#endif
