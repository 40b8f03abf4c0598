/*
 * backchannel · a client's own requests to its server's endpoints, which carry the client's proof of who it is and no
 *               token: device authorization, revocation, key sets
 * knows       · Lua, call, client, session
 * never       · follows a redirect; gives a token to Lua on its way to revocation
 * owns        · nothing: the call does
 * spec        · spec/grant/user_token_spec.lua, spec/grant/id_token_spec.lua
 */
#ifndef AL_DOOR_BACKCHANNEL_H
#define AL_DOOR_BACKCHANNEL_H

#include "door/compat.h"

/* core.ask, see backchannel.c */
int al_l_ask (lua_State *L);
int al_l_fetch (lua_State *L);

/* core.asked, see backchannel.c */
int al_l_asked (lua_State *L);

#endif
