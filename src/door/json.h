/*
 * json  · JSON for Lua: the module `core.json`, null, and the marks of lists; the only room that knows lua-cjson
 * knows · Lua, json_decode, json_encode; lua-cjson through require (it has no C interface)
 * never · reads a token reply: that is law/reply over ground/json, so that a token doesn't become a Lua string
 * owns  · the mark of lists
 * spec  · spec/session/json_spec.lua, spec/door/json_decode_spec.lua, spec/door/json_encode_spec.lua
 */
#ifndef AL_DOOR_JSON_H
#define AL_DOOR_JSON_H

#include "door/compat.h"

/* Pushes { decode, encode, array, marked, null }; raises with what to install where lua-cjson is missing. */
void al_push_json (lua_State *L);

/* Pushes the metatable that lists are marked with. */
void al_push_json_mark (lua_State *L);

typedef enum al_json_mark { AL_JSON_NO_MARK, AL_JSON_LIST, AL_JSON_LIST_IF_EMPTY } al_json_mark;

/* What this build of lua-cjson means by the value at `at`: a metatable of lists, or its word for an empty one. */
al_json_mark al_json_foreign_mark (lua_State *L, int at);

#endif
