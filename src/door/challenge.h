/*
 * challenge · the challenges of an answer, for Lua
 * knows     · Lua, law/header, law/challenge
 * never     · judges them
 * owns      · nothing
 * spec      · spec/session/challenge_spec.lua
 */
#ifndef AL_DOOR_CHALLENGE_H
#define AL_DOOR_CHALLENGE_H

#include "door/compat.h"
#include "ground/fault.h"

/* Adds to a failure's detail, at the top, what a token endpoint that said no wants to see. */
void al_add_challenges (lua_State *L, const al_fault *fault);

/* core.challenges, see challenge.c */
int al_l_challenges (lua_State *L);

#endif
