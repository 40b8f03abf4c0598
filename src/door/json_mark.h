/*
 * json_mark · what marks a table as a list: our metatable, and the marks of the JSON library where its build has any
 * knows     · Lua
 * never     · asks a table itself: only its metatable says
 * owns      · the metatable, and the table of foreign marks
 * spec      · spec/door/json_cjson_spec.lua
 */
#ifndef AL_DOOR_JSON_MARK_H
#define AL_DOOR_JSON_MARK_H

#include "door/compat.h"

typedef enum al_json_mark { AL_JSON_NO_MARK, AL_JSON_LIST, AL_JSON_LIST_IF_EMPTY } al_json_mark;

/* What the value at `at` means: a metatable of lists, or a word for an empty one. */
al_json_mark al_json_foreign_mark (lua_State *L, int at);

/* Pushes the metatable that lists are marked with. */
void al_push_json_mark (lua_State *L);

/* Takes over the marks of the module on top, whose metatable of lists, if it has one, is ours from now on. */
void al_adopt_json_marks (lua_State *L);

#endif
