/*
 * json_place · where in a value something is, as people write it: $.items[3].weight
 * knows      · Lua, number
 * owns       · nothing
 * spec       · spec/door/json_encode_spec.lua
 */
#ifndef AL_DOOR_JSON_PLACE_H
#define AL_DOOR_JSON_PLACE_H

#include <stddef.h>

#include "door/compat.h"

/* Each stands on C's stack, inside the one it is in. */
typedef struct al_json_place {
  const struct al_json_place *in;
  const char *name; /* of a member; NULL: of an item */
  size_t name_n;
  lua_Number item;
} al_json_place;

/* Pushes the path, of which the innermost steps are enough. NULL: the whole value. */
const char *al_push_json_place (lua_State *L, const al_json_place *here);

#endif
