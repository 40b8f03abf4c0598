/*
 * upvalues · what the functions that every request passes through have at hand, as upvalues
 * knows    · Lua
 * never    · serves a function that was registered without it
 * owns     · nothing
 * spec     · spec/wire/reuse_spec.lua, spec/loop/loop_spec.lua
 *
 * To look each up in the registry would cost more than what most of these functions do.
 */
#ifndef AL_DOOR_UPVALUES_H
#define AL_DOOR_UPVALUES_H

#include <stdbool.h>

#include "door/compat.h"

/* The names of the metatables. */
#define AL_CALL_CLASS "airlock.call"
#define AL_SESSION_CLASS "airlock.session"

/* Pushes the table that is kept for Lua by that name, see core.kept; `mode`: its weakness where it is made, or NULL. */
void al_push_kept (lua_State *L, const char *name, const char *mode);
int al_l_kept (lua_State *L);

enum { AL_HAS_CALLS = 1, AL_HAS_SESSIONS, AL_HAS_WAITING, AL_HAS_POOLED, AL_HAS_BESIDE, AL_UPVALUES = AL_HAS_BESIDE };

/* Pushes all of it, in that order: metatables, then the tables of who waits (al_call → coroutine), of idle calls,
 * and of pollables. */
void al_push_upvalues (lua_State *L);

/* Whether the value at `at` is an object of that class (AL_HAS_CALLS, AL_HAS_SESSIONS). */
bool al_upvalue_is (lua_State *L, int at, int class);

#endif
