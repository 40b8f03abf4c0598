/*
 * json  · JSON for Lua: the module `core.json`; the only room that knows lua-cjson
 * knows · Lua, json_decode, json_encode, json_mark; lua-cjson through require (it has no C interface)
 * never · reads a token reply: that is law/reply over ground/json, so that a token doesn't become a Lua string
 * owns  · nothing
 * spec  · spec/session/json_spec.lua, spec/door/json_decode_spec.lua, spec/door/json_encode_spec.lua
 */
#ifndef AL_DOOR_JSON_H
#define AL_DOOR_JSON_H

#include "door/compat.h"

/* Pushes { decode, encode, array, marked, null }; raises with what to install where lua-cjson is missing. */
void al_push_json (lua_State *L);

#endif
