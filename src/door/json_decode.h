/*
 * json_decode · Lua values of a JSON text (RFC 8259), straight from the buffer that the text lies in
 * knows       · Lua, scratch, json_text
 * never       · makes a Lua string of the text; takes time that grows faster than the text; asks the locale
 * owns        · nothing: what is made lies on the stack
 * spec        · spec/door/json_decode_spec.lua
 */
#ifndef AL_DOOR_JSON_DECODE_H
#define AL_DOOR_JSON_DECODE_H

#include <stdbool.h>

#include "door/compat.h"

/* Where it went wrong, and how; `at` counts from 0. */
typedef struct al_json_fault {
  const char *why; /* as the end of "… is wrong: it" */
  size_t at;
} al_json_fault;

/*
 * Pushes the value. The byte behind the text must be a NUL, and the text stay where it is. `mark`: where on the stack
 * the metatable of lists lies. `big_text`: a whole number that no number holds exactly becomes its digits. False:
 * nothing is pushed, and the fault is filled. Raises where memory runs out.
 */
bool al_json_decode (lua_State *L, const char *text, size_t n, int mark, bool big_text, al_json_fault *fault);

/* core.json.decode, see json_decode.c */
int al_l_json_decode (lua_State *L);

#endif
