/*
 * kept_text · texts that are sealed for whoever they are given to, and names for such that are kept
 * knows     · Lua
 * never     · knows what is in a text
 * owns      · nothing
 * spec      · spec/resource/registration_spec.lua
 */
#ifndef AL_DOOR_KEPT_TEXT_H
#define AL_DOOR_KEPT_TEXT_H

#include "door/compat.h"

/* core.digest, core.equal, core.open_to_others, core.random, core.seal, core.unseal: see kept_text.c */
int al_l_digest (lua_State *L);
int al_l_equal (lua_State *L);
int al_l_random (lua_State *L);
int al_l_seal (lua_State *L);
int al_l_unseal (lua_State *L);
int al_l_open_to_others (lua_State *L);

#endif
