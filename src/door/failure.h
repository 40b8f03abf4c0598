/*
 * failure · the one maker of `nil, message, detail`
 * knows   · Lua, fault
 * owns    · nothing
 * spec    · spec/session/failure_spec.lua
 */
#ifndef AL_DOOR_FAILURE_H
#define AL_DOOR_FAILURE_H

#include "door/compat.h"
#include "ground/fault.h"

/* Pushes nil, a sentence, and { kind, code, outcome, status, description, error, error_uri, retry_after, method, url,
 * client_id, client_auth }; gives 3. */
int al_push_failure (lua_State *L, const al_fault *fault);

#endif
