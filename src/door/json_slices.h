/*
 * json_slices · decodes a large answer a few milliseconds at a time, so that a host's loop can see to others between
 * knows       · Lua, json_decode, call
 * never       · waits: Lua does, between two steps
 * owns        · the body meanwhile, and in its user value what lay on the stack
 * spec        · spec/loop/large_json_spec.lua
 */
#ifndef AL_DOOR_JSON_SLICES_H
#define AL_DOOR_JSON_SLICES_H

#include <stdbool.h>

#include "door/compat.h"
#include "wire/call.h"

/* Whether a call's answer is JSON that is to be decoded, and large. */
bool al_json_slices_fit (const al_call *c);

/* Pushes one for such a call's answer. */
void al_push_json_slices (lua_State *L, al_call *c);

/* Whether there is one at `at`. */
bool al_is_json_slices (lua_State *L, int at);

/* Gives the call its body back; pushes the value if it was fine, else nothing. */
bool al_end_json_slices (lua_State *L, int at, al_call *c);

void al_register_json_slices (lua_State *L);

#endif
