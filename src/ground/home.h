/*
 * home  · where the user's folder is
 * knows · the environment, the system's list of users
 * owns  · nothing
 * spec  · spec/store/home_spec.lua
 */
#ifndef AL_GROUND_HOME_H
#define AL_GROUND_HOME_H

#include "ground/buf.h"

/* HOME where that is a path; else what the system has for this user. False: neither says so, or memory ran out. */
bool al_home (al_buf *out);

#endif
