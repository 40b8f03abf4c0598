/*
 * process · another program and what it prints, for lua/airlock/source/command.lua
 * knows   · Lua, ground/child
 * never   · waits; shows what came on standard output to anybody but its caller
 * owns    · a child, in a userdata
 * spec    · spec/session/source_spec.lua
 */
#ifndef AL_DOOR_PROCESS_H
#define AL_DOOR_PROCESS_H

#include "door/compat.h"

/* core.process, see process.c */
int al_l_process (lua_State *L);
void al_register_process (lua_State *L);

#endif
