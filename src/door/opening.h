/*
 * opening · what a session's next token is asked for with: a password, a device code, an assertion, a token to exchange
 * knows   · Lua, session, credential, key
 * never   · keeps what it is given as Lua text
 * owns    · nothing: the credential does
 * spec    · spec/grant/exchange_spec.lua, spec/grant/user_token_spec.lua
 */
#ifndef AL_DOOR_OPENING_H
#define AL_DOOR_OPENING_H

#include "door/compat.h"

/* Methods of a session, see opening.c */
int al_l_ask_opening (lua_State *L);
int al_l_ask_source (lua_State *L);
int al_l_open_device (lua_State *L);
int al_l_open_password (lua_State *L);
int al_l_open_signer (lua_State *L);
int al_l_open_standing (lua_State *L);

#endif
