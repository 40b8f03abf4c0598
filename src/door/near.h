/*
 * near  · "did you mean": the known name that a mistyped one is nearest to, for messages
 * knows · Lua, ground/near
 * owns  · nothing
 * spec  · spec/client/near_spec.lua
 */
#ifndef AL_DOOR_NEAR_H
#define AL_DOOR_NEAR_H

#include "door/compat.h"

/* "; did you mean 'name'?", or "" where none of the NULL-ended list is near; it is pushed, too. */
const char *al_push_meant (lua_State *L, const char *word, const char *const names[]);

/* core.meant, see near.c */
int al_l_meant (lua_State *L);

#endif
