/*
 * scope · scopes as sets, and sessions that differ by their scope alone
 * knows · Lua, session, cache, record, the store's files
 * never · shows a secret
 * owns  · nothing
 * spec  · spec/grant/scope_spec.lua
 */
#ifndef AL_DOOR_SCOPE_H
#define AL_DOOR_SCOPE_H

#include "door/compat.h"

/* core.scope_covers(wide, narrow), core.scope_union(a, b) */
int al_l_scope_covers (lua_State *L);
int al_l_scope_union (lua_State *L);

/* session:_wish(), :_sibling(scope), :_become(other), :_wider(), :_serves(name, text), see scope.c */
int al_l_wish (lua_State *L);
int al_l_sibling (lua_State *L);
int al_l_become (lua_State *L);
int al_l_wider (lua_State *L);
int al_l_serves (lua_State *L);

#endif
