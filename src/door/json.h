/*
 * json  · JSON for Lua values; the only room that knows lua-cjson
 * knows · Lua; lua-cjson through require (it has no C interface)
 * never · reads a token reply: that is law/reply over ground/json, so that a token doesn't become a Lua string
 * owns  · a private cjson instance, whose settings no other program shares
 * spec  · spec/session/json_spec.lua
 */
#ifndef AL_DOOR_JSON_H
#define AL_DOOR_JSON_H

#include "door/compat.h"

/* Pushes { decode = …, encode = …, null = … }; raises with what to install where lua-cjson is missing. */
void al_push_json (lua_State *L);

#endif
