/*
 * tty   · whether a descriptor is a terminal, and how wide; and text from outside, made fit to be shown there
 * knows · printable; Lua, POSIX
 * never · writes anything
 * owns  · nothing
 * spec  · spec/grant/progress_spec.lua, spec/command/printable_spec.lua
 */
#ifndef AL_DOOR_TTY_H
#define AL_DOOR_TTY_H

#include "door/compat.h"

/* core.columns and core.printable, see tty.c */
int al_l_columns (lua_State *L);
int al_l_printable (lua_State *L);

#endif
