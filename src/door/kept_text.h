/*
 * kept_text · texts that are kept: beside the tokens in a store's folder, or sealed, by whoever they were given to
 * knows     · Lua, wire/store
 * never     · knows what is in a text
 * owns      · nothing
 * spec      · spec/resource/registration_spec.lua
 */
#ifndef AL_DOOR_KEPT_TEXT_H
#define AL_DOOR_KEPT_TEXT_H

#include "door/compat.h"

/* core.digest, core.equal, core.load_text, core.open_to_others, core.random, core.save_text, core.seal, core.unseal:
 * see kept_text.c */
int al_l_digest (lua_State *L);
int al_l_equal (lua_State *L);
int al_l_random (lua_State *L);
int al_l_seal (lua_State *L);
int al_l_unseal (lua_State *L);
int al_l_load_text (lua_State *L);
int al_l_open_to_others (lua_State *L);
int al_l_save_text (lua_State *L);

#endif
