/*
 * scratch · bytes on their way to Lua, which the collector frees, should Lua have no memory for them
 * knows   · Lua, buf
 * never   · is seen by the program
 * owns    · its buffer, until it is given or collected
 * spec    · spec/guard/starve_spec.lua
 */
#ifndef AL_DOOR_SCRATCH_H
#define AL_DOOR_SCRATCH_H

#include "door/compat.h"
#include "ground/buf.h"

/* Pushes an empty one, wiped when it goes. */
al_buf *al_push_scratch (lua_State *L, size_t max);

/* Pushes what it holds as a string, and empties it. */
void al_push_bytes (lua_State *L, al_buf *scratch);

#endif
