/*
 * lua   · what the command `airlock` needs of the system and Lua doesn't have: airlock.command
 * knows · Lua, POSIX
 * never · is loaded by a program that uses the library; prints of its own accord, or ends the process
 * owns  · of a file being written: its descriptor, and its name until it is whole
 * spec  · spec/command/command_spec.lua
 */
#ifndef AL_COMMAND_LUA_H
#define AL_COMMAND_LUA_H

#include "door/compat.h"

/* command.write, see write.c */
int al_l_write (lua_State *L);

/* command.permissions, see permissions.c */
int al_l_permissions (lua_State *L);

/* command.file, see file.c; and its class */
int al_l_file (lua_State *L);
void al_file_class (lua_State *L);

/* Pushes nil, the system's words for errno, and "pipe" where nobody reads any more (else nothing); gives how many. */
int al_push_errno (lua_State *L, int error);

#endif
