/*
 * json_answer · a call's answer as the value that its JSON means, without a Lua string of the body between
 * knows       · Lua, call, json_decode, json_mark
 * never       · says what is wrong with a body: what it can't use is given as text, and judged in Lua
 * owns        · nothing
 * spec        · spec/session/json_spec.lua
 */
#ifndef AL_DOOR_JSON_ANSWER_H
#define AL_DOOR_JSON_ANSWER_H

#include <stdbool.h>

#include "door/compat.h"
#include "wire/call.h"

/*
 * Pushes status, value, header block (nil unless it is wanted), nil, nil, true, where the call (at `at`) wants a value,
 * its status is below 300, and the body is JSON and no refusal of the provider's API. False: nothing is pushed.
 * `slices`: where json_slices has decoded it; 0: it is decoded now. */
bool al_push_json_answer (lua_State *L, al_call *c, int at, int slices);

#endif
