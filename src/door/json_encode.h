/*
 * json_encode · JSON text (RFC 8259) of Lua values, straight into a buffer
 * knows       · Lua, json_mark, json_place, json_text, buf
 * never       · asks the locale, or a metamethod; writes what a reader could take for something else
 * owns        · nothing
 * spec        · spec/door/json_encode_spec.lua
 */
#ifndef AL_DOOR_JSON_ENCODE_H
#define AL_DOOR_JSON_ENCODE_H

#include <stdbool.h>

#include "door/compat.h"
#include "ground/buf.h"

/*
 * Appends the text of the value at `at`. `mark`: where the metatable of lists lies. `sorted`: members by name. `whose`
 * begins the mistake that what JSON can't hold raises; it names the path to it. The buffer must be one that the
 * collector knows of.
 */
void al_json_encode (lua_State *L, int at, int mark, bool sorted, const char *whose, al_buf *out);

/* core.json.encode, see json_encode.c */
int al_l_json_encode (lua_State *L);

#endif
