/*
 * encode · text made fit for a query or a form, for Lua
 * knows  · Lua, ground/encode
 * owns   · nothing
 * spec   · spec/session/form_spec.lua, spec/session/multipart_spec.lua
 */
#ifndef AL_DOOR_ENCODE_H
#define AL_DOOR_ENCODE_H

#include "door/compat.h"

/* core.encode, see encode.c */
int al_l_encode (lua_State *L);

/* core.lower and core.number, see encode.c */
int al_l_lower (lua_State *L);
int al_l_number (lua_State *L);

/* core.boundary, see encode.c */
int al_l_boundary (lua_State *L);

#endif
