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
#include "door/scratch.h"
#include "ground/json_text.h"
#include "ground/limits.h"

/* Where it went wrong, and how; `at` counts from 0. */
/* One that is under way. Its tables lie on Lua's stack, each with the name of the member that is read next to it. */
typedef struct al_json_reader {
  lua_State *L;
  const char *text, *p, *end;
  const char *why; /* what is wrong; NULL: nothing yet */
  al_buf *scratch; /* for strings with escapes; NULL: none yet */
  int base;        /* the place on the stack that is kept for its userdata */
  int mark;
  bool big_text;
  int depth;
  al_json_ahead ahead;
  int items[AL_MAX_JSON_NESTING]; /* of those under way: how many items a list has; -1: it is an object */
} al_json_reader;

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

/*
 * The same in pieces. The text stays as it is until the end, with the byte behind it that al_json_decode wants. At
 * `base` is a nil to begin with, and all above it is the reader's: whoever lets others use the stack meanwhile puts it
 * back as it was. True: it is over, and al_json_end says how; it leaves the value at `base`, or nothing.
 */
void al_json_begin (al_json_reader *r, const char *text, size_t n, bool big_text);
bool al_json_some (al_json_reader *r, lua_State *L, int mark, int base, size_t most);
bool al_json_end (al_json_reader *r, al_json_fault *fault);

#endif
