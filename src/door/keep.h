/*
 * keep  · a call that brings its renewal's wishes to the program's own store, and the answers back
 * knows · Lua, call, errand, transaction
 * never · calls the store's functions: lua/airlock/calls.lua does, where they may yield
 * owns  · nothing
 * spec  · spec/store_program_spec.lua
 */
#ifndef AL_DOOR_KEEP_H
#define AL_DOOR_KEEP_H

#include "door/compat.h"

/* call:store and call:stored, see keep.c */
int al_l_store (lua_State *L);
int al_l_stored (lua_State *L);

#endif
