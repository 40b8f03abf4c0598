/*
 * tty   · whether a descriptor is a terminal, and how wide: for the lines that tell a user what is waited for
 * knows · Lua, POSIX
 * never · writes anything
 * owns  · nothing
 * spec  · spec/grant/progress_spec.lua
 */
#ifndef AL_DOOR_TTY_H
#define AL_DOOR_TTY_H

#include "door/compat.h"

/* core.columns, see screen.c */
int al_l_columns (lua_State *L);

#endif
