/*
 * mistake · the one raiser of the programmer's mistakes: a message that begins with the place in the program, not in
 *           the library
 * knows   · Lua
 * owns    · nothing
 * spec    · spec/client/options_spec.lua
 */
#ifndef AL_DOOR_MISTAKE_H
#define AL_DOOR_MISTAKE_H

#include "door/compat.h"

/* Raises; never comes back, and gives int so that a caller can return it. */
int al_mistake (lua_State *L, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* core.mistake, core.place, core.library, see mistake.c */
int al_l_mistake (lua_State *L);
int al_l_place (lua_State *L);
int al_l_library (lua_State *L);

#endif
