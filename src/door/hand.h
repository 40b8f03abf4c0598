/*
 * hand  · what the functions that every request passes through have at hand, as upvalues
 * knows · Lua
 * never · serves a function that was registered without it
 * owns  · nothing
 * spec  · spec/reuse_spec.lua, spec/loop_spec.lua
 *
 * To look each up in the registry would cost more than what most of these functions do.
 */
#ifndef AL_DOOR_HAND_H
#define AL_DOOR_HAND_H

#include <stdbool.h>

#include "door/compat.h"

enum { AL_HAS_CALLS = 1, AL_HAS_SESSIONS, AL_HAS_WAITING, AL_HAS_RESTED, AL_HAS_BESIDE, AL_AT_HAND = AL_HAS_BESIDE };

/* Pushes all of it, in that order: metatables, then the tables of who waits (al_call → coroutine), of calls at rest, and of pollables. */
void al_push_at_hand (lua_State *L);

/* Whether the value at `at` is an object of that class (AL_HAS_CALLS, AL_HAS_SESSIONS). */
bool al_is_at_hand (lua_State *L, int at, int class);

#endif
