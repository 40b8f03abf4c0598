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

/* core.challenges, see challenge.c */
int al_l_challenges (lua_State *L);

#endif
