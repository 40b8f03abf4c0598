/*
 * signature · the signature of a JWT checked with a key of a key set, for lua/airlock/jwt.lua
 * knows     · Lua, ground/crypto, ground/encode
 * owns      · nothing
 * spec      · spec/grant/id_token_spec.lua
 */
#ifndef AL_DOOR_SIGNATURE_H
#define AL_DOOR_SIGNATURE_H

#include "door/compat.h"

/* core.sign, core.signed, core.sealed, core.decode, see signature.c */
int al_l_sign (lua_State *L);
int al_l_public_key (lua_State *L);
int al_l_signed (lua_State *L);
int al_l_sealed (lua_State *L);
int al_l_thumbprint (lua_State *L);
int al_l_hash (lua_State *L);
int al_l_credentials (lua_State *L);
int al_l_decode (lua_State *L);

#endif
