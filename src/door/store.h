/*
 * store · the option `store`, and what a folder of tokens holds, as Lua values
 * knows · Lua, options, client, wire/store, record
 * never · shows a token; makes a folder
 * owns  · nothing
 * spec  · spec/store/store_spec.lua
 */
#ifndef AL_DOOR_STORE_H
#define AL_DOOR_STORE_H

#include "door/compat.h"
#include "door/options.h"
#include "law/client.h"

/* Reads option `store`; the program's own goes into the user value at `values`. */
void al_read_store (al_client *c, al_options *o, int values);

/* core.store_folder, core.records: see store.c */
int al_l_store_folder (lua_State *L);
int al_l_records (lua_State *L);

#endif
