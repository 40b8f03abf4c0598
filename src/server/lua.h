/*
 * lua   · what src/server shows to Lua: the class of the server, that of an exchange, and a few words of crypto
 * knows · Lua, and the rooms beside it
 * never · is called from one of libmicrohttpd's callbacks
 * spec  · spec/server/server_spec.lua
 */
#ifndef AL_SERVER_LUA_H
#define AL_SERVER_LUA_H

#include "door/compat.h"
#include "server/exchange.h"

#define AL_SERVER_CLASS "airlock.server"
#define AL_EXCHANGE_CLASS "airlock.exchange"

/* server.listen, see lserver.c */
int al_l_listen (lua_State *L);

/* server.terminal, see terminal.c */
int al_l_terminal (lua_State *L);

/* server.private_file and server.environment, see private_file.c */
int al_l_private_file (lua_State *L);
int al_l_environment (lua_State *L);

/* Pushes server.crypto. */
void al_push_crypto (lua_State *L);

/* Each makes its class known to this Lua. */
void al_server_class (lua_State *L);
void al_exchange_class (lua_State *L);
void al_terminal_class (lua_State *L);
void al_private_file_class (lua_State *L);

/* Pushes an exchange that holds nothing yet; what is given to the result is held from then on. */
al_exchange **al_push_exchange (lua_State *L);

/* Raises for a header that HTTP can't carry; a number may be given for the value. */
void al_reply_headers (lua_State *L, int at, const char *whose, struct MHD_Response *to);

#endif
