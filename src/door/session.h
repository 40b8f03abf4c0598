/*
 * session · the Lua handle on a credential
 * knows   · Lua, cache, client
 * never   · shows a secret, but through session:token()
 * owns    · one reference each on credential, client and engine; its user value is its client's
 * spec    · spec/session/session_spec.lua
 */
#ifndef AL_DOOR_SESSION_H
#define AL_DOOR_SESSION_H

#include "door/compat.h"
#include "wire/engine.h"

typedef struct al_session {
  al_credential *credential; /* NULL: closed */
  al_client *client;
  uint64_t id; /* its calls bear this number */
  al_engine *engine;
} al_session;

/* The session at `at`; raises where it is closed. */
al_session *al_check_session (lua_State *L, int at);

/* Raises for a scope that can't stand (RFC 6749 section 3.3). */
void al_check_scope (lua_State *L, const char *whose, const char *scope, size_t n);

/* Pushes one that is closed, with the user value of what stands at 1; then opens it. The credential's reference is the
 * session's from then on; NULL raises. */
al_session *al_push_session (lua_State *L);
void al_open_session (lua_State *L, al_session *s, al_credential *credential, al_client *client);

/* core.session, see session.c */
int al_l_session (lua_State *L);
void al_register_session (lua_State *L);

#endif
