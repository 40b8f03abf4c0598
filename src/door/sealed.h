/*
 * sealed · what a sealed store is made of in Lua: a key that nobody reads, and the files below it
 * knows  · Lua, the store's files, crypto
 * never  · gives a key to Lua; waits for a lock
 * owns   · a key's bytes and a lock, until they are collected
 * spec   · spec/store/sealed_spec.lua
 */
#ifndef AL_DOOR_SEALED_H
#define AL_DOOR_SEALED_H

#include "door/compat.h"

void al_sealed_classes (lua_State *L);

/* core.store_key, core.store_key_file, core.store_load, core.store_lock: see sealed.c */
int al_l_store_key (lua_State *L);
int al_l_store_key_file (lua_State *L);
int al_l_store_load (lua_State *L);
int al_l_store_lock (lua_State *L);

#endif
